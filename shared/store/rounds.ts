import { resolveTimeouts } from '../domain/deadlines.ts';
import type { Deployment } from '../domain/records.ts';
import { isTerminal } from '../domain/status.ts';
import { type Activation, nextWork, obstacleToPromote, type Rollout, roundAt } from '../domain/strategy.ts';
import { FenceLost } from '../errors/deployments.ts';
import { Conflict } from '../errors/requests.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { changeWith } from './deployment-changes.ts';
import { beginStage, type Entry, stageDone } from './stages.ts';

/**
 * The machine has entered the Activate state: which round that is for, and what it does, stands on the record from
 * then on. A retry of the state is the same round again.
 * Raises FenceLost where the deployment is ending, or where the machine has entered the state again since.
 */
export function beginRound(ctx: StoreContext, id: string, entry: Entry): Promise<Deployment> {
  return beginStage(ctx, id, 'activate', { ...entry, round: (current) => roundFor(current, entry) });
}

function roundFor(current: Deployment, { enteredAt }: Entry): Activation {
  const place = roundAt(current, enteredAt);
  if (place === 'late') throw new FenceLost(`The activation of ${current.id} has gone on since.`);
  if (place.repeated && current.activation !== undefined) return current.activation;
  return { round: place.round, enteredAt, work: nextWork(current) };
}

/** Does this round go on: its deployment is not ending, and the machine is in no later one? */
export function inRound(deployment: Deployment, round: number): boolean {
  const { status, settling, cancelRequested, failure, activation } = deployment;
  const ending = isTerminal(status) || settling !== undefined || cancelRequested !== undefined;
  return !ending && failure === undefined && activation?.round === round;
}

/** Traffic has moved. With `until` it bakes from now on, and the stage has the time for it. */
export function noteRollout(
  ctx: StoreContext,
  id: string,
  round: number,
  rollout: Rollout,
  facts: {
    readonly note: string;
    readonly url?: string | undefined;
    /** One more under which a release can be seen that is not live. */
    readonly previewUrl?: string | undefined;
  },
): Promise<Deployment> {
  return changeWith(ctx, id, (current) => {
    if (!inRound(current, round) || stageDone(current, 'activate')) return undefined;
    const { activateSeconds } = resolveTimeouts(current.snapshot.timeouts);
    const { until } = rollout;
    const stage = until === undefined ? undefined : Date.parse(until) + activateSeconds * 1000;
    return {
      rollout,
      note: facts.note,
      ...(facts.url === undefined ? {} : { url: facts.url }),
      ...(facts.previewUrl === undefined ? {} : { previewUrls: [...current.previewUrls, facts.previewUrl] }),
      ...(stage === undefined ? {} : { deadlines: { ...current.deadlines, stage } }),
    };
  });
}

export interface Promotion {
  readonly by: string;
  /** The step that is meant, from 0; absent: the present one, whichever that is. */
  readonly step?: number | undefined;
  /** To everybody, without the steps between. */
  readonly all: boolean;
}

/**
 * Notes that somebody does not want to wait for the end of a bake. Whoever does so answers the round's token next;
 * where that got lost, the sweep does.
 * @throws Conflict INVALID_STATE where nothing bakes, or another step than the one that was meant
 */
export function promote(ctx: StoreContext, id: string, { by, step, all }: Promotion): Promise<Deployment> {
  const at = isoTime(ctx.clock.now());
  return changeWith(ctx, id, (current) => {
    const obstacle = obstacleToPromote(current);
    const { rollout, activation } = current;
    if (obstacle !== undefined || rollout === undefined || activation === undefined) {
      throw new Conflict('INVALID_STATE', `There is nothing to promote: ${obstacle ?? 'it has not begun'}.`, {
        suggestion: 'Read its rollout; what bakes until some time can be promoted.',
      });
    }
    if (step !== undefined && step !== rollout.step) {
      throw new Conflict(
        'INVALID_STATE',
        `Deployment ${id} is at step ${rollout.step + 1}, not ${step + 1}.`,
        {
          field: '/step',
          suggestion: 'Look at what the present step does before you promote it.',
        },
      );
    }
    return { rollout: { ...rollout, promoted: { round: activation.round, at, by, all } } };
  });
}

/** The round whose promotion stands on the record; undefined where none is under way. */
export function promotedRound({ rollout, activation }: Deployment): number | undefined {
  const round = rollout?.promoted?.round;
  return round !== undefined && round === activation?.round ? round : undefined;
}
