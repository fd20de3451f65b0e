import { join } from 'node:path';
import { build } from 'esbuild';

const SDK = join(import.meta.dirname, '../../client/src/index.ts');

/** A program that imports `@slipway/client`, and everything that it needs, as one module for a browser. */
export async function browserBundle(
  program: string,
  options: { readonly minify?: boolean } = {},
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
    alias: { '@slipway/client': SDK },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    minify: options.minify ?? false,
    logLevel: 'error',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('The bundler gave no file.');
  return file.text;
}
