import { SWEEP_GRACE_MS } from '../../shared/domain/next-look.ts';
import { type FunctionFacts, workFor } from '../../shared/store/spending.ts';
import {
  dueDeployments,
  schedulesDueBefore,
  unannouncedDeployments,
  unsentAnswersBefore,
} from '../../shared/store/work.ts';
import { announce } from './announce.ts';
import { resend } from './answers.ts';
import { attend } from './attend.ts';
import { deliver } from './deliver.ts';
import type { SweepDeps } from './deps.ts';

/** Things looked after at the same time. */
const PARALLEL = 10;

/**
 * One sweep: deployments whose moment has come, answers that were not sent, schedules that nobody delivered, changes
 * that were not announced.
 * Each thing by itself: what fails is tried again in a minute and keeps nothing else waiting. A sweep that has
 * used its time stops taking new things; the most overdue came first.
 */
export async function sweep(deps: SweepDeps, signal: AbortSignal, facts: FunctionFacts): Promise<void> {
  const { store } = deps.sockets;
  const now = store.clock.now();
  const before = now - SWEEP_GRACE_MS;
  const on = (owner: string, work: () => Promise<void>) => workFor(store, { facts, owner }, work);
  // Side by side: a list that cannot be read, or takes all the time there is, keeps the others from nothing.
  const swept = await Promise.allSettled([
    each(deps, signal, dueDeployments(store, now), (id) => on(id, () => attend(deps, id))),
    each(deps, signal, unsentAnswersBefore(store, before), (answer) =>
      on(answer.deploymentId, () => resend(deps, answer)),
    ),
    each(deps, signal, schedulesDueBefore(store, before), (id) => deliver(deps, id)),
    each(deps, signal, unannouncedDeployments(store, before), (id) => on(id, () => announce(deps, id))),
  ]);
  const failures = swept.flatMap((list) => (list.status === 'rejected' ? [list.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, 'A list of the sweep could not be read.');
}

async function each<T>(
  { log }: SweepDeps,
  signal: AbortSignal,
  things: AsyncGenerator<T>,
  look: (thing: T) => Promise<void>,
): Promise<void> {
  const work = async () => {
    while (!signal.aborted) {
      const { value, done } = await things.next();
      if (done) return;
      try {
        await look(value);
      } catch (error) {
        log.error('The sweep could not look after something.', { error, thing: value });
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
}
