import { createHash } from 'node:crypto';
import type { GuardedResponse } from '../../../shared/net/guarded-fetch.ts';
import { type SiteEntry, siteEntry } from '../../../shared/targets/site/entry.ts';
import { PREVIEW_NAME } from '../../../shared/targets/site/preview.ts';
import { RELEASE_HEADER } from '../../../shared/targets/site/site.ts';
import { VISITOR_NAME, VISITOR_PLACES } from '../../../shared/targets/site/visitor.ts';
import type { EdgeKeys } from './edge-keys.ts';
import type { Platform } from './platform.ts';
import type { Seam } from './seam.ts';

const ENTRY = 'site:';
/** The edge answers at once or not at all; who asks waits so long (ms). */
const PAGE_MS = 10_000;

/** Which deployment owns the slot with this fence. */
type OwnerOf = (fence: number) => string | undefined;

/**
 * Sites as visitors see them: what the key-value store says is what is served, to each visitor by their place. That
 * the real viewer function does the same is tested where it stands (test/infra/edge).
 */
export class Sites {
  readonly #keys: EdgeKeys;
  readonly #platform: Platform;
  readonly #seam: Seam;

  constructor(keys: EdgeKeys, platform: Platform, seam: Seam, ownerOf: OwnerOf) {
    this.#keys = keys;
    this.#platform = platform;
    this.#seam = seam;
    keys.onPut = (key, value) => {
      if (key.startsWith(ENTRY)) this.#served(key.slice(ENTRY.length), value, ownerOf);
    };
  }

  /** In place of `fetch`, which nothing of the service uses but for pages of its own sites. */
  fetch = (input: unknown, options: RequestInit = {}): Promise<Response> =>
    this.#seam.call({
      service: 'site',
      operation: 'page',
      changes: false,
      effect: () => {
        const page = this.page(new URL(String(input)), Object.fromEntries(new Headers(options.headers)));
        return new Response(page.body.toString(), { status: page.status, headers: headersOf(page) });
      },
      refusals: { unavailable: failed, throttled: failed, timeout: failed },
      timeoutMs: PAGE_MS,
      signal: options.signal ?? undefined,
    });

  /** What a visitor gets. */
  page(url: URL, headers: Readonly<Record<string, string>> = {}): GuardedResponse {
    const cookies = new Map(
      (headers['cookie'] ?? '').split('; ').map((pair) => {
        const [name = '', value = ''] = pair.split('=');
        return [name, value];
      }),
    );
    const place = this.#keys.get(`host:${url.hostname}`);
    const [previewed] = cookies.get(PREVIEW_NAME)?.split('.') ?? [];
    const entry = entryIn(this.#keys.get(`${ENTRY}${place}`));
    const release = previewed ?? (entry && releaseFor(entry, cookies.get(VISITOR_NAME) ?? url.href));
    const body = Buffer.from('page');
    if (release == null) return { status: 404, headers: {}, body, url: url.href };
    const status = this.#platform.pageStatus(release);
    return { status, headers: { [RELEASE_HEADER]: release }, body, url: url.href };
  }

  #served(place: string, value: string, ownerOf: OwnerOf): void {
    const entry = entryIn(value);
    if (entry === undefined) return;
    const { release, deployment = release ?? undefined, weights: [first] = [], fence } = entry;
    const by = ownerOf(fence) ?? `whoever had fence ${fence}`;
    const share = first && { deploymentId: first.deployment ?? first.release, percent: first.percent };
    const restore = share === undefined && deployment !== by;
    this.#platform.serve({ place, deploymentId: deployment, by, restore, share });
  }
}

const failed = () => new TypeError('fetch failed');

const entryIn = (value: string | undefined): SiteEntry | undefined =>
  value === undefined ? undefined : siteEntry.parse(JSON.parse(value));

/** A visitor's place is in their cookie, or drawn. */
function releaseFor({ release, weights: [first] = [] }: SiteEntry, visitor: string): string | null {
  if (first === undefined) return release;
  const [of, given] = visitor.split('.');
  const drawn = createHash('sha256').update(visitor).digest().readUInt32BE(0) % VISITOR_PLACES;
  const place = of === first.release && given !== undefined ? Number(given) : drawn;
  return place < (first.percent * VISITOR_PLACES) / 100 ? first.release : release;
}

// A response without a body takes no null values.
const headersOf = ({ headers }: GuardedResponse): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
