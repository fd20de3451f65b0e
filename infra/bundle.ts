import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** One folder under functions/ with a main.ts is one Lambda. */
export function functionNames(): readonly string[] {
  return readdirSync(join(ROOT, 'functions'))
    .filter((name) => existsSync(join(ROOT, 'functions', name, 'main.ts')))
    .sort();
}

/** Folder that holds the bundle of one function. */
export const bundleFolder = (name: string) => join(ROOT, 'dist', 'functions', name);

/**
 * Bundles every function into one CommonJS file of its own: no ESM loader, no source map and no
 * SDK look-up at a cold start (measured in docs/decisions).
 */
export function bundleFunctions(): void {
  const outdir = join(ROOT, 'dist', 'functions');
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  buildSync({
    ...COMMON,
    entryPoints: functionNames().map((name) => ({
      in: join(ROOT, 'functions', name, 'main.ts'),
      out: `${name}/index`,
    })),
    outdir,
  });
}

/** Folder with the runner as a single file, which CodeBuild and agents download. */
export function bundleRunner(): string {
  const folder = join(ROOT, 'dist', 'runner');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  buildSync({
    ...COMMON,
    entryPoints: [join(ROOT, 'runner', 'main.ts')],
    outfile: join(folder, 'runner.cjs'),
  });
  return join(folder, 'runner.cjs');
}

const COMMON = {
  bundle: true,
  platform: 'node' as const,
  target: 'node24',
  format: 'cjs' as const,
  minify: true,
  keepNames: true,
  legalComments: 'none' as const,
  logLevel: 'error' as const,
  // Resolve a package's ESM build where there is one: only that can be tree-shaken.
  mainFields: ['module', 'main'],
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
} satisfies BuildOptions;
