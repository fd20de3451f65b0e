import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** One folder under functions/ with a main.ts is one Lambda. */
export function functionNames(): readonly string[] {
  return readdirSync(join(ROOT, 'functions'))
    .filter((name) => existsSync(join(ROOT, 'functions', name, 'main.ts')))
    .sort();
}

/** A folder of this process alone, since two synths may run at once; the CDK copies what it needs out of it. */
const OUT = mkdtempSync(join(tmpdir(), 'slipway-bundles-'));
process.once('exit', () => rmSync(OUT, { recursive: true, force: true }));

/** Folder that holds the bundle of one function. */
export const bundleFolder = (name: string) => join(OUT, 'functions', name);

/**
 * Bundles every function into a folder of CommonJS files: what its start needs is in `index.js` and in chunks that it
 * requires; what is imported at its first use is in files of its own, which a start neither reads nor parses.
 * No ESM loader, no source map and no SDK look-up at a cold start (docs/decisions/lambda-init.md).
 */
export function bundleFunctions(names: readonly string[] = functionNames()): void {
  const modules = join(OUT, 'modules');
  // Only ES modules can be split; a function at a time, so that each has few chunks and all of them its own.
  for (const name of names) {
    buildSync({
      ...COMMON,
      format: 'esm',
      splitting: true,
      alias: ENVIRONMENT_CREDENTIALS,
      entryPoints: [{ in: join(ROOT, 'functions', name, 'main.ts'), out: 'index' }],
      outdir: join(modules, name),
    });
  }
  buildSync({
    ...MINIFIED,
    format: 'cjs',
    // Makes import() a require, which does not start the ESM loader.
    supported: { 'dynamic-import': false },
    entryPoints: readdirSync(modules, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js'))
      .map((file) => join(modules, file)),
    outbase: modules,
    outdir: join(OUT, 'functions'),
  });
}

/** Path of the runner as a single file, which CodeBuild and agents download. */
export function bundleRunner(): string {
  const outfile = join(OUT, 'runner', 'runner.cjs');
  buildSync({ ...COMMON, format: 'cjs', entryPoints: [join(ROOT, 'runner', 'main.ts')], outfile });
  return outfile;
}

/**
 * Lambda gives a function its credentials in the environment. The default chain looks there first as well, but brings
 * SSO, profiles, logins, processes and their clients along, a third of a small bundle.
 */
const ENVIRONMENT_CREDENTIALS = {
  '@aws-sdk/credential-provider-node': join(ROOT, 'shared', 'platform', 'environment-credentials.ts'),
};

const MINIFIED = {
  platform: 'node' as const,
  target: 'node24',
  // Identifiers stay: renaming them and keeping names costs a call for each function at the start.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none' as const,
  logLevel: 'error' as const,
} satisfies BuildOptions;

const COMMON = {
  ...MINIFIED,
  bundle: true,
  // Resolve a package's ESM build where there is one: only that can be tree-shaken.
  mainFields: ['module', 'main'],
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
} satisfies BuildOptions;
