import type { FreezeView } from '../../../shared/contracts/freezes.ts';
import { type Freeze, nextStretch } from '../../../shared/domain/freezes.ts';
import { isoTime } from '../../../shared/platform/clock.ts';

/** A freeze as people see it: with the stretch in which it holds, now or next. */
export async function viewOfFreeze(freeze: Freeze, now: number): Promise<FreezeView> {
  const next = await nextStretch(freeze, now);
  return {
    ...freeze,
    scope: {
      ...(freeze.scope.projectId === undefined ? {} : { projectId: freeze.scope.projectId }),
      ...(freeze.scope.environmentTypes === undefined
        ? {}
        : { environmentTypes: [...freeze.scope.environmentTypes] }),
    },
    active: next !== undefined && next.from <= now,
    ...(next === undefined ? {} : { next: { from: isoTime(next.from), to: isoTime(next.to) } }),
  };
}
