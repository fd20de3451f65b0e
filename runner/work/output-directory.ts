import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { LeavesFolder, resolveInside } from './inside.ts';
import { dependsOn, type PackageJson } from './package-json.ts';

/** Where frameworks put what they build: first match wins, so wrappers stand before what they wrap. */
const BY_FRAMEWORK: readonly (readonly [framework: string, dependency: string, folder: string])[] = [
  ['nuxt', 'nuxt', '.output/public'],
  ['solid-start', '@solidjs/start', '.output/public'],
  ['next', 'next', 'out'],
  ['gatsby', 'gatsby', 'public'],
  ['docusaurus', '@docusaurus/core', 'build'],
  ['vitepress', 'vitepress', '.vitepress/dist'],
  ['eleventy', '@11ty/eleventy', '_site'],
  ['astro', 'astro', 'dist'],
  ['sveltekit', '@sveltejs/kit', 'build'],
  ['create-react-app', 'react-scripts', 'build'],
  ['remix', '@remix-run/dev', 'build/client'],
  ['react-router', '@react-router/dev', 'build/client'],
  ['hexo', 'hexo', 'public'],
  ['vue-cli', '@vue/cli-service', 'dist'],
  ['parcel', 'parcel', 'dist'],
  ['vite', 'vite', 'dist'],
];

/** Usual names, tried in this order. */
const CANDIDATES = ['dist', 'build', 'out', '_site', '.output/public', 'public', 'www', 'site'];
/** Enough to tell whether a build wrote into a folder. */
const LOOKED_AT = 500;

export interface OutputQuestion {
  /** Root directory of the project, real path. */
  readonly folder: string;
  readonly repository: string;
  /** As configured. */
  readonly given: string | undefined;
  readonly framework: string | undefined;
  readonly description: PackageJson | undefined;
  /** When the build began, by the clock of the file system (see buildBegins); undefined where nothing was built. */
  readonly builtAt: number | undefined;
}

/**
 * The folder to deploy, as a real path.
 * @throws StageFailed (INVALID_CONFIG) where it is outside the repository, not there, or cannot be told
 */
export function findOutputDirectory(question: OutputQuestion): string {
  const { given, builtAt, description } = question;
  if (given !== undefined) return givenDirectory(question, given);
  if (builtAt === undefined) return unbuiltDirectory(question, description);
  const expected = expectedFolder(question);
  const names = expected === undefined ? CANDIDATES : [expected, ...CANDIDATES];
  const written = names.filter((name) => isWritten(question, name, builtAt));
  const [first] = written.filter((name) => existsSync(join(question.folder, name, 'index.html')));
  const chosen = written.find((name) => name === expected) ?? first ?? written[0];
  if (chosen !== undefined) return insideOf(question, chosen);
  throw new StageFailed(
    'INVALID_CONFIG',
    `The build wrote to none of the usual output folders (${names.join(', ')}).`,
    { suggestion: 'Set build.outputDirectory of the project to the folder that the build writes.' },
  );
}

function givenDirectory(question: OutputQuestion, given: string): string {
  const folder = insideOf(question, given);
  if (isFolder(folder)) return folder;
  throw new StageFailed('INVALID_CONFIG', `There is no output folder "${given}" after the build.`, {
    suggestion:
      'Set build.outputDirectory to the folder that the build writes, seen from the root directory.',
  });
}

/** Nothing was built: the folder is the site, or a project with tools keeps its site in `public`. */
function unbuiltDirectory(question: OutputQuestion, description: PackageJson | undefined): string {
  if (description === undefined) return question.folder;
  const places = ['public', '.'].filter((name) => existsSync(join(question.folder, name, 'index.html')));
  if (places[0] !== undefined) return insideOf(question, places[0]);
  throw new StageFailed(
    'INVALID_CONFIG',
    'package.json has no build script, and neither public/ nor the folder itself has an index.html.',
    { suggestion: 'Set build.buildCommand and build.outputDirectory of the project.' },
  );
}

function expectedFolder(question: OutputQuestion): string | undefined {
  const { framework, description } = question;
  const named = BY_FRAMEWORK.find(([name]) => name === framework);
  if (named !== undefined) return named[2];
  if (description === undefined) return undefined;
  return BY_FRAMEWORK.find(([, dependency]) => dependsOn(description, dependency))?.[2];
}

/** `public` is a source folder of many frameworks: only what was changed since the build began is its output. */
function isWritten(question: OutputQuestion, name: string, builtAt: number): boolean {
  const folder = insideOf(question, name);
  if (!isFolder(folder)) return false;
  let looked = 0;
  const pending = [folder];
  for (let path = pending.pop(); path !== undefined && looked < LOOKED_AT; path = pending.pop()) {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      looked += 1;
      const child = join(path, entry.name);
      if (entry.isDirectory()) pending.push(child);
      else if (lstatSync(child).ctimeMs > builtAt) return true;
    }
  }
  return false;
}

function insideOf(question: OutputQuestion, name: string): string {
  return insideRepository(question.repository, question.folder, name, 'output directory');
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * A folder named from another one, which may lead anywhere in the repository but not out of it.
 * @throws StageFailed (INVALID_CONFIG)
 */
export function insideRepository(repository: string, folder: string, name: string, what: string): string {
  const below = folder.slice(repository.length + 1);
  try {
    if (name.startsWith('/')) throw new LeavesFolder(name);
    return resolveInside(repository, below === '' ? name : `${below}/${name}`);
  } catch (cause) {
    if (!(cause instanceof LeavesFolder)) throw cause;
    throw new StageFailed('INVALID_CONFIG', `The ${what} "${name}" is outside the repository.`, {
      cause,
      suggestion: 'Give a path inside the repository, without a leading slash; links may not lead out of it.',
    });
  }
}
