import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** Builds what is published: the SDK for browsers and Node, the command line, and the types of both. */
const HERE = import.meta.dirname;
/** Another folder where one is named: a `dist` here is what the command line of this repository would run. */
const dist = process.argv[2] ?? join(HERE, 'dist');
rmSync(dist, { recursive: true, force: true });

const common = { bundle: true, format: 'esm', target: 'es2023', logLevel: 'error' } as const;
buildSync({
  ...common,
  entryPoints: [join(HERE, 'src', 'index.ts')],
  outfile: join(dist, 'index.js'),
  platform: 'neutral',
  mainFields: ['module', 'main'],
  packages: 'external',
});
buildSync({
  ...common,
  entryPoints: [join(HERE, 'src', 'cli', 'main.ts')],
  outfile: join(dist, 'cli.js'),
  platform: 'node',
  packages: 'external',
});
const tsc = ['-p', join(HERE, 'tsconfig.build.json'), '--outDir', join(dist, 'types')];
execFileSync('tsc', tsc, { stdio: 'inherit' });
