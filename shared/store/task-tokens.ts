import type { Stage } from '../domain/status.ts';
import { ConditionFailed } from '../errors/store.ts';
import type { Delivery, Machine, TaskOutput } from '../platform/machine.ts';
import type { StoreContext } from './context.ts';
import { getItem, type Item, updateItem } from './engine.ts';
import { byMoment, taskTokenKey, unsentAnswers } from './keys.ts';
import { INDEX } from './tables.ts';

/** The answer to a stage. Why a stage failed stands in the deployment's `failure`; `code` is for the history. */
export type StageAnswer =
  | {
      readonly ok: true;
      /** The stage goes on with another round. */
      readonly more?: boolean | undefined;
      /** Which state has that round; the one that moves traffic unless given. */
      readonly next?: 'activate' | 'hook' | undefined;
    }
  | { readonly ok: false; readonly code?: string | undefined };

/** A token as the machine handed it out, with what orders it among the tokens of the same stage and round. */
export interface OfferedToken {
  readonly token: string;
  /** ISO time at which the state was entered. */
  readonly enteredAt: string;
  readonly retryCount: number;
}

/**
 * `sent`: delivered, now or before. `unsent`: written, and no token waits for it yet or the engine knows
 * none of those stored; a newer token or the sweep sends it. `none`: there is no answer.
 */
export type AnswerState = 'sent' | 'unsent' | 'none';

const NAMES = { '#token': 'token', '#enteredAt': 'enteredAt', '#retryCount': 'retryCount' };
const NO_TOKEN_OR_AN_OLDER_ONE =
  'attribute_not_exists(#token) OR #enteredAt < :enteredAt OR (#enteredAt = :enteredAt AND #retryCount < :retryCount)';

/**
 * Keeps the token of a stage's round; it replaces only an older one, so a stalled first attempt cannot put its
 * token over the retry's. Then looks (strongly) whether the answer is there already, and sends it.
 */
export async function storeToken(
  ctx: StoreContext,
  machine: Machine,
  deploymentId: string,
  stage: Stage,
  round: number,
  offered: OfferedToken,
): Promise<AnswerState> {
  try {
    await updateItem(ctx, taskTokenKey(deploymentId, stage, round), {
      // A new token makes an answer unsent again: the engine forgot the older token with its state.
      update:
        'SET kind = :kind, v = :v, #token = :token, #enteredAt = :enteredAt, #retryCount = :retryCount REMOVE sent',
      expression: NO_TOKEN_OR_AN_OLDER_ONE,
      names: NAMES,
      values: {
        ':kind': 'task-token',
        ':v': 1,
        ':token': offered.token,
        ':enteredAt': offered.enteredAt,
        ':retryCount': offered.retryCount,
      },
    });
  } catch (error) {
    // The same token again, or a newer one is there: either way that one gets the answer.
    if (!(error instanceof ConditionFailed)) throw error;
  }
  return resendAnswer(ctx, machine, deploymentId, stage, round);
}

/**
 * Answers a stage (rule 6): writes the answer (the first one counts), sends it to the token, marks it sent.
 * Whatever dies in between, the sweep sends again what stands unsent. Returns whether it was delivered.
 */
export async function answerStage(
  ctx: StoreContext,
  machine: Machine,
  deploymentId: string,
  stage: Stage,
  round: number,
  answer: StageAnswer,
): Promise<AnswerState> {
  const since = byMoment(ctx.clock.now(), deploymentId);
  await writeAnswer(ctx, taskTokenKey(deploymentId, stage, round), answer, {
    [INDEX.work.partition]: unsentAnswers,
    [INDEX.work.sort]: since,
  });
  return resendAnswer(ctx, machine, deploymentId, stage, round);
}

/**
 * The same by the function that the machine has called for this stage, while it still runs: it need not be on anybody's
 * list meanwhile. Where that function dies, its state fails and the machine settles; where the machine was not told how
 * the call ended, it calls again with another token, and keeping that one sends what is written (storeToken).
 *
 * @param call `token`: the one that the function was called with
 */
export async function answerCaller(
  ctx: StoreContext,
  machine: Machine,
  call: {
    readonly deploymentId: string;
    readonly stage: Stage;
    readonly round: number;
    readonly token: string;
  },
  answer: StageAnswer,
): Promise<AnswerState> {
  const { deploymentId, stage, round, token } = call;
  const key = taskTokenKey(deploymentId, stage, round);
  const isFirst = await writeAnswer(ctx, key, answer, {});
  if (isFirst && (await deliver(machine, token, answer)) === 'delivered') return 'sent';
  // Answered before, or the machine has called another one since: that token gets what stands there.
  return resendAnswer(ctx, machine, deploymentId, stage, round);
}

/** Writes the first answer; false where there is one. */
async function writeAnswer(
  ctx: StoreContext,
  key: ReturnType<typeof taskTokenKey>,
  answer: StageAnswer,
  more: Readonly<Record<string, string>>,
): Promise<boolean> {
  const set = { kind: 'task-token', v: 1, answer, ...more };
  const names = Object.keys(set);
  try {
    await updateItem(ctx, key, {
      update: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      expression: 'attribute_not_exists(#answer)',
      names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      values: Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
    });
    return true;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return false;
  }
}

const deliver = (machine: Machine, token: string, answer: StageAnswer): Promise<Delivery> =>
  answer.ok ? machine.succeed(token, outputOf(answer)) : machine.fail(token, answer.code ?? 'StageFailed');

/** Sends the answer that stands written and unsent; a token the engine does not know is read again once. */
export async function resendAnswer(
  ctx: StoreContext,
  machine: Machine,
  deploymentId: string,
  stage: Stage,
  round: number,
): Promise<AnswerState> {
  const key = taskTokenKey(deploymentId, stage, round);
  let tried: string | undefined;
  for (;;) {
    const item = await getItem(ctx, key);
    const answer = answerOf(item);
    if (item === undefined || answer === undefined) return 'none';
    if (item['sent'] === true) return 'sent';
    const token = item['token'];
    if (typeof token !== 'string' || token === tried) return 'unsent';
    if ((await deliver(machine, token, answer)) === 'delivered') {
      await markSent(ctx, key, token);
      return 'sent';
    }
    tried = token;
  }
}

/** Without hooks the machine hears what it always did. */
const outputOf = ({ more, next }: Extract<StageAnswer, { ok: true }>): TaskOutput =>
  more !== true ? {} : next === 'hook' ? { more, next } : { more };

/** Takes an answer nobody waits for any more out of the sweep's way. */
export async function dropAnswer(
  ctx: StoreContext,
  deploymentId: string,
  stage: Stage,
  round: number,
): Promise<void> {
  await updateItem(ctx, taskTokenKey(deploymentId, stage, round), {
    update: `REMOVE ${INDEX.work.partition}, ${INDEX.work.sort}`,
    expression: 'attribute_exists(pk)',
  });
}

async function markSent(
  ctx: StoreContext,
  key: ReturnType<typeof taskTokenKey>,
  token: string,
): Promise<void> {
  try {
    await updateItem(ctx, key, {
      update: `SET sent = :true REMOVE ${INDEX.work.partition}, ${INDEX.work.sort}`,
      expression: '#token = :token',
      names: { '#token': 'token' },
      values: { ':true': true, ':token': token },
    });
  } catch (error) {
    // A newer token came while the older one took the answer: the handler that stored it sends it.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

function answerOf(item: Item | undefined): StageAnswer | undefined {
  // Only answerStage writes this attribute.
  return item?.['answer'] as StageAnswer | undefined;
}
