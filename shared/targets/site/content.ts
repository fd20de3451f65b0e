import { contentType as typeOfExtension } from 'mime-types';
import { hashedName } from './hashed.ts';

/** Files without an extension that have a type all the same, by their whole path. */
const KNOWN_PATHS: Readonly<Record<string, string>> = {
  '.well-known/apple-app-site-association': 'application/json; charset=utf-8',
  'apple-app-site-association': 'application/json; charset=utf-8',
};

export function contentType(path: string): string {
  const known = KNOWN_PATHS[path];
  if (known !== undefined) return known;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  if (dot < 0) return 'application/octet-stream';
  // A name such as `.htaccess` is all extension; mime-types answers false for what it does not know.
  return typeOfExtension(name.slice(dot)) || 'application/octet-stream';
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
