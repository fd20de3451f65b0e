import { cacheControl, isPage, PAGE_TYPE, typeWithoutExtension, UNKNOWN_TYPE } from './content.ts';
import { hashedName } from './hashed.ts';
import type { Manifest } from './manifest.ts';
import { RELEASE_HEADER, releaseKey, sharedAssetKey } from './site.ts';

/** What the answer to a miss reads from the sites bucket; undefined where the object is not there. */
export interface MissStore {
  manifest(release: string): Promise<Manifest | undefined>;
  /** `tooLarge`: it is there, but larger than an answer may be. */
  object(key: string): Promise<Uint8Array | 'tooLarge' | undefined>;
}

export interface MissAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const RELEASE_PATH = /^\/releases\/(dep_[0-9A-HJKMNP-TV-Z]{26})\/(.*)$/s;

/**
 * Answers an address whose object is not in its release: with an older release's hashed asset, for a page that
 * was loaded before the switch; with the start page of a single-page app; or with the release's own 404 page.
 * `uri` is what the viewer function made of the address: `/releases/<release>/<path>`.
 */
export async function answerMiss(uri: string, store: MissStore): Promise<MissAnswer> {
  const [, release, encoded] = RELEASE_PATH.exec(uri) ?? [];
  if (release === undefined || encoded === undefined) return notFound({});
  const path = decoded(encoded);
  // Twice encoded, they come through the viewer function; no file of a release has such a name.
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) return notFound({});
  const manifest = await store.manifest(release);
  if (manifest === undefined) return notFound({ [RELEASE_HEADER]: release });
  return (
    (await sharedAsset(manifest, path, store)) ??
    (await startPage(manifest, path, store)) ??
    (await ownNotFound(manifest, store))
  );
}

async function sharedAsset(
  manifest: Manifest,
  path: string,
  store: MissStore,
): Promise<MissAnswer | undefined> {
  if (hashedName(path) === 'none') return undefined;
  const body = await store.object(sharedAssetKey(manifest, path));
  if (body === undefined) return undefined;
  const headers = { 'cache-control': cacheControl(path), 'content-type': await typeOf(path) };
  if (body !== 'tooLarge') return { status: 200, headers: { ...headers, ...sniff }, body };
  // The viewer function turns this address into the shared key, which S3 then serves itself.
  const location = `/.slipway/assets/${path.split('/').map(encodeURIComponent).join('/')}`;
  return { status: 307, headers: { 'cache-control': 'no-cache', location }, body: new Uint8Array() };
}

async function startPage(
  manifest: Manifest,
  path: string,
  store: MissStore,
): Promise<MissAnswer | undefined> {
  if (manifest.fallback !== 'spa' || !(await asksForPage(path))) return undefined;
  return page(200, await store.object(releaseKey(manifest.release, 'index.html')), manifest.release);
}

async function ownNotFound(manifest: Manifest, store: MissStore): Promise<MissAnswer> {
  const own =
    manifest.fallback === '404'
      ? page(404, await store.object(releaseKey(manifest.release, '404.html')), manifest.release)
      : undefined;
  return own ?? notFound({ [RELEASE_HEADER]: manifest.release });
}

/** A script that is not there must not be answered with HTML; `/users/john.doe` is a page. */
const asksForPage = async (path: string): Promise<boolean> =>
  isPage(path) || (await typeOf(path)) === UNKNOWN_TYPE;

/** Most misses are addresses of pages: the table of types is loaded with the first that is not. */
const typeOf = async (path: string): Promise<string> =>
  typeWithoutExtension(path) ?? (await import('./content-type.ts')).contentType(path);

const sniff = { 'x-content-type-options': 'nosniff' };

function page(
  status: number,
  body: Uint8Array | 'tooLarge' | undefined,
  release: string,
): MissAnswer | undefined {
  if (body === undefined || body === 'tooLarge') return undefined;
  const headers = {
    'content-type': PAGE_TYPE,
    'cache-control': 'no-cache',
    [RELEASE_HEADER]: release,
  };
  return { status, headers: { ...headers, ...sniff }, body };
}

function notFound(headers: Readonly<Record<string, string>>): MissAnswer {
  return {
    status: 404,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-cache',
      ...sniff,
      ...headers,
    },
    body: Buffer.from('There is no page at this address.\n'),
  };
}

/** Whoever hands us the path may have decoded it already; then a `%` in it is a `%`. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
