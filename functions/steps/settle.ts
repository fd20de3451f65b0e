import type * as z from 'zod/mini';
import type { settleState } from '../../shared/contracts/steps.ts';
import { wordsOf } from '../../shared/domain/cancellation.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { resultMetrics } from '../../shared/domain/result-metrics.ts';
import { decideSettlement, type Ending, type SettlementFacts } from '../../shared/domain/settlement.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { PlatformUnavailable } from '../../shared/errors/requests.ts';
import { ConditionFailed } from '../../shared/errors/store.ts';
import { changeWith, requireDeployment } from '../../shared/store/deployments.ts';
import { getEnvironment } from '../../shared/store/environments.ts';
import { getProject } from '../../shared/store/projects.ts';
import { settle } from '../../shared/store/settlement.ts';
import { getSlot } from '../../shared/store/slot.ts';
import { collectTally } from '../../shared/store/spending.ts';
import { beginSettlement, type Occasion } from './begin-settlement.ts';
import type { StepsDeps } from './deps.ts';
import { admissible } from './gate/admissible.ts';
import { releaseWork } from './release-work.ts';
import { restore } from './restore.ts';
import { ONCE } from './say.ts';
import { sayBack } from './say-back.ts';

/** A settlement that keeps losing races is left to the sweep after this many tries. */
const TRIES = 6;
/** Steps of one try: a cancel, a reading, a switch back, a reading, an end, and room for waits that were over. */
const STEPS = 12;

/** The machine has come to its end, through its stages or through a failure of one. */
export function settleFromMachine(deps: StepsDeps, call: z.infer<typeof settleState>): Promise<void> {
  return settleDeployment(deps, call.deploymentId, { kind: 'machine', entry: call });
}

/**
 * Brings a deployment to its end (rule 4), from wherever it stands. Idempotent: the machine, the status rule and
 * the sweep may all call it, at once. What cannot end yet is left with its moment in the work index.
 */
export async function settleDeployment(deps: StepsDeps, id: string, occasion: Occasion): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      const deployment = await beginSettlement(deps, id, occasion);
      if (deployment !== undefined) await goOn(deps, deployment, occasion);
      return;
    } catch (error) {
      // Somebody else moved the deployment, its slot or what was live: read again, decide again.
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  throw new PlatformUnavailable(`The settlement of ${id} kept being overtaken.`);
}

async function goOn(deps: StepsDeps, begun: Deployment, occasion: Occasion): Promise<void> {
  if (!isTerminal(begun.status)) await releaseWork(deps, begun, occasion);
  let facts: SettlementFacts = await placeOf(deps, begun);
  for (let taken = 1; taken <= STEPS; taken += 1) {
    const deployment = await requireDeployment(deps.store, begun.id);
    if (isTerminal(deployment.status) && !deployment.draining) return;
    const step = decideSettlement(deployment, facts, deps.store.clock.now());
    switch (step.kind) {
      case 'wait':
        await sayWaiting(deps, deployment, step.reason);
        return;
      case 'cancel':
        facts = { ...facts, cancel: await cancel(deps, deployment.id) };
        break;
      case 'read':
        facts = { ...facts, reading: await read(deps, deployment.id) };
        break;
      case 'restore':
        facts = { place: facts.place, cancel: facts.cancel, restore: await restore(deps, deployment) };
        break;
      case 'end':
        await end(deps, deployment, step.ending, facts);
        return;
    }
  }
}

/** The slot that a person took from it, before anything is read: what is read counts while that stands. */
async function placeOf(
  { store }: StepsDeps,
  deployment: Deployment,
): Promise<Pick<SettlementFacts, 'place'>> {
  const { slotReleased, projectId, environment: name, createdAt } = deployment;
  if (slotReleased === undefined) return {};
  const environment = await getEnvironment(store, projectId, name);
  // One that was made anew under the same name is another, whose slot is none of this deployment's business.
  const isThere = environment !== undefined && environment.createdAt <= createdAt;
  return { place: isThere ? await getSlot(store, projectId, name) : 'gone' };
}

/** A platform that gives no answer has not been seen to stop; the next look asks again. */
async function cancel(deps: StepsDeps, id: string): Promise<{ stopped: boolean }> {
  try {
    return await deps.targets.cancel(id);
  } catch (error) {
    deps.log.warn('The target could not be asked to stop.', { error });
    return { stopped: false };
  }
}

async function read(deps: StepsDeps, id: string) {
  try {
    const { known, deploymentId, url, shares } = await deps.targets.serving(id);
    return known ? ({ known, deploymentId, url, shares } as const) : ({ known } as const);
  } catch (error) {
    deps.log.warn('What the environment serves could not be read.', { error });
    return { known: false } as const;
  }
}

const WAITING_FOR = {
  calls: 'Waiting until no call to the target is on its way any more.',
  platform: 'Waiting until the platform has stopped its own operation.',
  unreadable: 'What the environment serves cannot be read; trying again.',
  restore: 'The target did not switch back; trying again.',
} as const;

/** Says once what a settlement waits for; the sweep (or the end of the last call) takes it up again. */
async function sayWaiting(
  deps: StepsDeps,
  deployment: Deployment,
  reason: keyof typeof WAITING_FOR,
): Promise<void> {
  const note = WAITING_FOR[reason];
  if (isTerminal(deployment.status) || deployment.note === note) return;
  await changeWith(deps.store, deployment.id, (current) =>
    isTerminal(current.status) || current.note === note ? undefined : { note },
  );
  await deps.say(deployment.id, 'settle', 'warn', note);
}

async function end(
  deps: StepsDeps,
  deployment: Deployment,
  ending: Ending,
  { place }: SettlementFacts,
): Promise<void> {
  // Still draining after the end: nothing new is known.
  if (isTerminal(deployment.status) && ending.draining) return;
  const [project, environment] = await Promise.all([
    getProject(deps.store, deployment.projectId),
    getEnvironment(deps.store, deployment.projectId, deployment.environment),
  ]);
  if (!isTerminal(deployment.status)) await sayEnding(deps, deployment, ending);
  await collectTally(deps.store, deployment.id);
  const ended = await settle(
    deps.store,
    { deployment, project, environment, ...(place === 'gone' ? {} : { place }) },
    ending,
    admissible(deps),
  );
  const { status, releaseState } = ended;
  deps.log.info('Deployment settled.', { status, releaseState, metrics: resultMetrics(ended) });
}

/** Before the transaction: after it the log is closed. A settlement that is tried again says nothing twice. */
async function sayEnding(deps: StepsDeps, deployment: Deployment, ending: Ending): Promise<void> {
  const { id } = deployment;
  await sayBack(deps, deployment, ending);
  if (ending.error !== undefined) {
    const { code, stage, message, suggestion } = ending.error;
    // A log line is one line; what a message holds below its first one are lines that stand above already.
    const why = `${message.split('\n', 1)[0]} ${suggestion}`;
    await deps.say(id, 'settle', 'error', `Ended ${ending.status} in ${stage} (${code}): ${why}`, ONCE);
    return;
  }
  if (ending.status === 'canceled' && deployment.cancelRequested !== undefined) {
    await deps.say(id, 'settle', 'warn', `Ended canceled, ${wordsOf(deployment.cancelRequested)}`, ONCE);
    return;
  }
  const url = ending.active === 'same' ? undefined : ending.active.url;
  const where = ending.releaseState === 'active' && url !== undefined ? `: ${url}` : '.';
  await deps.say(id, 'settle', 'info', `Ended ${ending.status}${where}`, ONCE);
}
