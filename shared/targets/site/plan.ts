import { StageFailed } from '../../errors/deployments.ts';
import { cacheControl, isPage } from './content.ts';
import { contentType } from './content-type.ts';
import { hashedName } from './hashed.ts';

/** One file of the artifact and everywhere it goes. */
export interface Placement {
  readonly path: string;
  /** Below the release's prefix: the path itself, and for a page each of its clean addresses. */
  readonly keys: readonly string[];
  readonly contentType: string;
  readonly cacheControl: string;
  /** Goes to the prefix that all releases of the environment share as well. */
  readonly shared: boolean;
}

export type Fallback = 'spa' | '404' | 'none';

export interface ReleasePlan {
  readonly placements: readonly Placement[];
  /** Hidden files (a segment begins with a dot, `.well-known` apart): never published. */
  readonly hidden: readonly string[];
  readonly pages: number;
  readonly fallback: Fallback;
}

/** S3's limit is 1,024 bytes for the whole key; prefixes of ours take at most 120. */
const MAX_PATH_BYTES = 900;

/**
 * Decides where each file of an artifact goes. Pure: the same paths give the same plan, in whatever order they
 * come. Raises StageFailed for a path that no address can name.
 */
export function planRelease(paths: readonly string[], wanted: 'spa' | '404' | undefined): ReleasePlan {
  const hidden = paths.filter(isHidden);
  const published = paths.filter((path) => !isHidden(path));
  for (const path of published) checkPath(path);
  const taken = new Set(published);
  const placements = published.map((path) => ({
    path,
    keys: isPage(path) ? [path, ...cleanKeys(path, taken)] : [path],
    contentType: contentType(path),
    cacheControl: cacheControl(path),
    shared: hashedName(path) !== 'none',
  }));
  return { placements, hidden, pages: published.filter(isPage).length, fallback: fallback(taken, wanted) };
}

/**
 * The addresses a page has besides its own path. A file of exactly that name goes first, then `about.html` for
 * `about`, and `about/index.html` for `about/`; each takes the other form too where the other file is not there.
 */
function cleanKeys(path: string, taken: ReadonlySet<string>): string[] {
  if (path === 'index.html') return [''];
  const isIndex = path.endsWith('/index.html');
  if (!isIndex && !path.endsWith('.html')) return [];
  const stem = path.slice(0, isIndex ? -'/index.html'.length : -'.html'.length);
  const bare = !taken.has(stem) && !(isIndex && taken.has(`${stem}.html`));
  const slashed = isIndex || !taken.has(`${stem}/index.html`);
  return [...(bare ? [stem] : []), ...(slashed ? [`${stem}/`] : [])];
}

function fallback(taken: ReadonlySet<string>, wanted: 'spa' | '404' | undefined): Fallback {
  if (wanted === 'spa') return taken.has('index.html') ? 'spa' : 'none';
  return taken.has('404.html') ? '404' : 'none';
}

const isHidden = (path: string): boolean =>
  path
    .split('/')
    .some((segment, index) => segment.startsWith('.') && !(index === 0 && segment === '.well-known'));

function checkPath(path: string): void {
  const wrong = path.split('/').some((segment) => segment === '' || segment === '.' || segment === '..');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (wrong || /[\u0000-\u001f\u007f\\]/.test(path) || Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new StageFailed(
      'RELEASE_FAILED',
      `The artifact holds a file that no address can name: ${JSON.stringify(path)}.`,
      {
        suggestion: `Rename it: no empty or dotted folders, control characters or backslashes, at most ${MAX_PATH_BYTES} bytes.`,
      },
    );
  }
}
