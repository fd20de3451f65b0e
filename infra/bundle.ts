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
 * Bundles every function into one CommonJS file of its own: no ESM loader, no source map and no
 * SDK look-up at a cold start (measured in docs/decisions).
 */
export function bundleFunctions(): void {
  buildSync({
    ...COMMON,
    entryPoints: functionNames().map((name) => ({
      in: join(ROOT, 'functions', name, 'main.ts'),
      out: `${name}/index`,
    })),
    outdir: join(OUT, 'functions'),
  });
}

/** Path of the runner as a single file, which CodeBuild and agents download. */
export function bundleRunner(): string {
  const outfile = join(OUT, 'runner', 'runner.cjs');
  buildSync({ ...COMMON, entryPoints: [join(ROOT, 'runner', 'main.ts')], outfile });
  return outfile;
}

const COMMON = {
  bundle: true,
  platform: 'node' as const,
  target: 'node24',
  format: 'cjs' as const,
  // Identifiers stay: renaming them and keeping names costs a call for each function at the start.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none' as const,
  logLevel: 'error' as const,
  // Resolve a package's ESM build where there is one: only that can be tree-shaken.
  mainFields: ['module', 'main'],
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
} satisfies BuildOptions;
