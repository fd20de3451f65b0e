import { hashedName } from './hashed.ts';

/** Files without an extension that have a type all the same, by their whole path. */
const KNOWN_PATHS: Readonly<Record<string, string>> = {
  '.well-known/apple-app-site-association': 'application/json; charset=utf-8',
  'apple-app-site-association': 'application/json; charset=utf-8',
};

export const UNKNOWN_TYPE = 'application/octet-stream';
export const PAGE_TYPE = 'text/html; charset=utf-8';

export const extensionOf = (path: string): string => /\.[^./]*$/.exec(path)?.[0] ?? '';

/** The content type of a file whose extension is not asked; undefined where it has to be. */
export function typeWithoutExtension(path: string): string | undefined {
  return KNOWN_PATHS[path] ?? (extensionOf(path) === '' ? UNKNOWN_TYPE : undefined);
}

export const isPage = (path: string): boolean => path.endsWith('.html') || path.endsWith('.htm');

export const CACHE = {
  /** Looked at again at each visit, so that a switch shows at once; answered with 304 where nothing changed. */
  page: 'no-cache',
  /** The name changes with the content. */
  immutable: 'public, max-age=31536000, immutable',
  /** Ordinary names: the browser may be a minute behind. */
  other: 'public, max-age=60',
} as const;

export function cacheControl(path: string): string {
  if (isPage(path)) return CACHE.page;
  return hashedName(path) === 'certain' ? CACHE.immutable : CACHE.other;
}
