/** Folders that build tools fill with files named by their content. */
const BUILD_FOLDERS = new Set([
  '_app',
  '_astro',
  '_next',
  '_nuxt',
  'assets',
  'build',
  'chunks',
  'css',
  'dist',
  'immutable',
  'js',
  'media',
  'static',
]);

/** What a bundler names by content; pages and documents keep their names. */
const ASSET =
  /\.(?:js|mjs|cjs|css|map|wasm|woff2?|ttf|otf|eot|png|jpe?g|gif|svg|webp|avif|ico|mp[34]|webm|json)$/;
/** Words between the hash and the extension: `main.4f2a1b3c.chunk.js`. */
const DIGITS_AND_HEX = /^(?=.*[0-9])(?=.*[a-f])[0-9a-f]{8,64}$/;
const DIGITS_AND_BASE32 = /^(?=.*[2-7])(?=.*[A-Z])[A-Z2-7]{8}$/;
const MIXED = /^(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9_-]{8,64}$/;
const LIKELY = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * How sure a file's name says that its content never changes.
 * `certain`: cached for a year. `likely`: kept for pages that are still open, but not cached for long, because
 * a wrong guess there costs nothing. False for `none` means an ordinary name.
 */
export type Hashed = 'certain' | 'likely' | 'none';

/**
 * Looks for a content hash in a file's name: hex from 8 digits on and base 32 (esbuild) anywhere, base64url of
 * 8 (Vite, Rollup, Astro) only in a build tool's folder, since `notes-2024Beta` looks just the same.
 */
export function hashedName(path: string): Hashed {
  if (!ASSET.test(path)) return 'none';
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  const candidates = tokens(name, segments.at(-2) === 'chunks' || segments.includes('immutable'));
  if (candidates.some((token) => DIGITS_AND_HEX.test(token) || DIGITS_AND_BASE32.test(token)))
    return 'certain';
  if (!segments.slice(0, -1).some((folder) => BUILD_FOLDERS.has(folder))) return 'none';
  if (candidates.some((token) => MIXED.test(token) && !isWord(token))) return 'certain';
  return candidates.some((token) => LIKELY.test(token) && /[0-9A-Z_]/.test(token)) ? 'likely' : 'none';
}

/** The parts of a name that may be a hash: what follows `-`, `.` or `_`, and the last 8 characters behind one. */
function tokens(name: string, wholeNames: boolean): string[] {
  const parts = name.split('.').slice(0, -1);
  const found: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (index > 0 || wholeNames) found.push(part);
    found.push(...part.split(/[-_]/).slice(1));
    const tail = /[-_]([A-Za-z0-9_-]{8})$/.exec(part)?.[1];
    if (tail !== undefined) found.push(tail);
  }
  return found;
}

/** `HomePage`, `Featured`, `nav-Items`: capitals only where a word begins, and no digit. */
function isWord(token: string): boolean {
  return /^(?:[A-Z]?[a-z]+)(?:[-_]?[A-Z][a-z]+)*$/.test(token) || /^[a-z]+(?:[-_][A-Za-z]+)*$/.test(token);
}
