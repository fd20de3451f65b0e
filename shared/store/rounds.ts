import { DIRECT_CALL_SECONDS, resolveTimeouts } from '../domain/deadlines.ts';
import { runBegun } from '../domain/hook-runs.ts';
import { commandSeconds, type Hook, hookStep } from '../domain/hooks.ts';
import { PROGRESS } from '../domain/progress.ts';
import type { Deployment } from '../domain/records.ts';
import { isTerminal } from '../domain/status.ts';
import {
  type Activation,
  nextWork,
  obstacleToPromote,
  presentHook,
  type Rollout,
  roundAt,
} from '../domain/strategy.ts';
import { FenceLost } from '../errors/deployments.ts';
import { Conflict } from '../errors/requests.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { changeWith } from './deployment-changes.ts';
import { type Entry, stageDone, withStage } from './stage-records.ts';
import { type BegunRound, beginStage } from './stages.ts';
import type { StageAnswer } from './task-tokens.ts';

/**
 * The machine has entered Activate or Hook: which round that is for, and what it does, stands on the record from
 * then on. A retry of the state is the same round again.
 * Raises FenceLost where the deployment is ending, or where the machine has entered the state again since.
 */
export function beginRound(ctx: StoreContext, id: string, entry: Entry): Promise<Deployment> {
  const at = isoTime(ctx.clock.now());
  return beginStage(ctx, id, 'activate', {
    ...entry,
    round: (current) => withHook(current, roundFor(current, entry), at),
  });
}

/** What the machine's state and the call of a hook take besides the hook itself, in seconds. */
const HOOK_MARGIN_SECONDS = 60;

/** A round that runs a hook has that hook's time, and nothing bakes any more. */
function withHook(current: Deployment, activation: Activation, at: string): BegunRound {
  const hook = presentHook({ ...current, activation });
  if (hook === undefined) return { activation };
  const { rollout } = current;
  const hooks = runBegun(current, 'post', hook.name, at);
  return {
    activation,
    seconds: secondsOf(current, hook),
    changes: {
      currentStep: hookStep(hook.name),
      note: `running the post hook ${hook.name}`,
      ...(hooks === undefined ? {} : { hooks }),
      ...(rollout === undefined ? {} : { rollout: { ...rollout, until: undefined } }),
    },
  };
}

function secondsOf({ snapshot }: Deployment, hook: Hook): number {
  if (hook.type === 'http') return DIRECT_CALL_SECONDS.hook + HOOK_MARGIN_SECONDS;
  return resolveTimeouts(snapshot.timeouts).claimSeconds + commandSeconds([hook]) + HOOK_MARGIN_SECONDS;
}

/** The present round is over, and the activation goes on with the next one. */
export const goesOn = (deployment: Deployment): StageAnswer => ({
  ok: true,
  more: true,
  ...(nextWork(deployment)?.kind === 'hook' ? { next: 'hook' } : {}),
});

/** All traffic has moved and passed its checks; post hooks follow. */
export function noteMoved(
  ctx: StoreContext,
  id: string,
  round: number,
  facts: { readonly message: string; readonly url?: string | undefined },
): Promise<Deployment> {
  return changeWith(ctx, id, (current) => {
    const { activation } = current;
    if (activation === undefined || !inRound(current, round) || stageDone(current, 'activate'))
      return undefined;
    return {
      activation: { ...activation, passed: true },
      progress: PROGRESS.liveChecksPassed,
      ...(facts.url === undefined ? {} : { url: facts.url }),
      stages: withStage(current, 'activate', (record) => ({ ...record, message: facts.message })),
    };
  });
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

/** Is this round behind the deployment, or has it done all that it had to? */
export const hasGoneOn = ({ activation }: Deployment, round: number): boolean =>
  activation !== undefined &&
  (activation.round > round || (activation.round === round && activation.passed === true));

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
