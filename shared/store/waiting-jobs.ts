import type { JobKind } from '../contracts/jobs.ts';
import type { StoreContext } from './context.ts';
import { queryPage } from './engine.ts';
import { waitingJobs } from './keys.ts';
import { INDEX } from './tables.ts';

/** A claim looks at this many waiting jobs at most; a runner that serves none of them asks again later. */
const PAGE = 50;
const PAGES = 4;

export interface Wanted {
  readonly label: string;
  readonly kinds: readonly JobKind[];
  serves(place: { readonly projectId: string; readonly environment: string }): boolean;
}

/**
 * Keys of waiting jobs that fit, oldest first. The index's sort key tells what a job is for, so nothing is
 * read that the runner does not serve. The index may lag: a key is a hint, the claim decides.
 */
export async function* waitingJobKeys(ctx: StoreContext, wanted: Wanted): AsyncGenerator<string> {
  const where = {
    expression: 'wpk = :label',
    values: { ':label': waitingJobs(wanted.label) },
  };
  let page = await queryPage(ctx, { index: INDEX.work.name, where, limit: PAGE });
  for (let read = 1; ; read += 1) {
    for (const item of page.items) {
      const [, projectId = '', environment = '', jobKey = ''] = String(item['wsk']).split('#');
      const kind = jobKey.split('.')[1];
      if (wanted.kinds.some((one) => one === kind) && wanted.serves({ projectId, environment })) yield jobKey;
    }
    if (page.next === undefined || read === PAGES) return;
    page = await queryPage(ctx, { index: INDEX.work.name, where, limit: PAGE, after: page.next });
  }
}
