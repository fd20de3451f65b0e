/**
 * Loaded before anything else (`node --import`): puts the internet and the log of the harness in the place of the
 * real ones, and plants a bug where one is asked for. Everything else of the service is loaded as it is.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const REPLACED = ['shared/net/guarded-fetch.ts', 'shared/net/git-refs.ts', 'shared/platform/logger.ts'];
const ROOT = new URL('../../../', import.meta.url).href;

interface Planted {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

const planted = JSON.parse(process.env['SLIPWAY_PLANTED'] ?? '[]') as readonly Planted[];

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const own = context.parentURL?.includes('/test/lifecycle/cloud/') === true;
    const replaced = own ? undefined : REPLACED.find((file) => found.url === ROOT + file);
    if (replaced === undefined) return found;
    const name = replaced.slice(replaced.lastIndexOf('/') + 1);
    return { ...found, url: new URL(`./replaced/${name}`, import.meta.url).href };
  },
  load(url, context, next) {
    const patches = planted.filter(({ file }) => url === ROOT + file);
    if (patches.length === 0) return next(url, context);
    let source = readFileSync(new URL(url), 'utf8');
    for (const { find, put, file } of patches) {
      const places = source.split(find).length - 1;
      if (places !== 1) throw new Error(`The bug for ${file} fits ${places} places, not one: ${find}`);
      source = source.replace(find, () => put);
    }
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
