import type { LogLineView, LogPage } from '../../../shared/contracts/logs.ts';
import type { LineFilter } from '../realtime/feed.ts';
import { unwrap } from '../result.ts';
import type { Slipway } from '../slipway.ts';

/** Most lines of one answer. */
const PAGE = 1000;

interface LastLines {
  readonly lines: readonly LogLineView[];
  /** Whoever goes on from there misses none. */
  readonly through: number;
}

/** The last so many of the lines that pass, however far back they stand: read page by page from the end. */
export async function lastLines(
  slipway: Slipway,
  id: string,
  { tail, signal, ...filter }: LineFilter & { readonly tail: number; readonly signal: AbortSignal },
): Promise<LastLines> {
  const pages: (readonly LogLineView[])[] = [];
  let place: { tail: number } | { before: number; limit: number } = { tail: Math.min(PAGE, tail) };
  let through = 0;
  for (let missing = tail; ; ) {
    const page: LogPage = unwrap(await slipway.deployments.logPage(id, { ...filter, ...place, signal }));
    if (pages.length === 0) through = Number(page.nextCursor ?? page.end?.lines ?? 0);
    pages.unshift(page.items);
    missing -= page.items.length;
    if (missing <= 0 || page.previousCursor === undefined) return { lines: pages.flat(), through };
    place = { before: Number(page.previousCursor), limit: Math.min(PAGE, missing) };
  }
}
