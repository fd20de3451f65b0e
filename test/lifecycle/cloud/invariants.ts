import type { Deployment } from '../../../shared/domain/records.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import { archiveKey } from '../../../shared/store/log-archive-keys.ts';
import type { Attributes } from './dynamo/evaluate.ts';
import type { Change } from './dynamo/table.ts';
import type { Served } from './platform.ts';
import { readDeployment, type Story } from './story.ts';

/** What may never be, by the names in which it is counted. */
export const FAILURES = ['stuck', 'slotsHeld', 'untrue', 'doubleActivations', 'liveAfterCancel'] as const;
export type Failure = (typeof FAILURES)[number];
export interface Violation {
  readonly failure: Failure;
  readonly what: string;
}

/**
 * Watches every write and every change of what is served while it happens. What was seen is among the violations at
 * the end.
 */
export class Watch {
  readonly violations: Violation[] = [];
  readonly #story: Story;

  constructor(story: Story) {
    this.#story = story;
    story.cloud.platform.onServe = (served) => this.#look(served);
    story.cloud.records.listeners.push((change) => this.#compare(change));
  }

  #say(failure: Failure, what: string): void {
    this.violations.push({ failure, what });
  }

  /** Only the owner of the slot may change what is served, and only while it has not ended. */
  #look(served: Served): void {
    const { by, restore, deploymentId } = served;
    this.#lookAtSteps(served);
    const { owner } = this.#story.slot();
    const what = `${restore ? 'switched back to' : 'activated'} ${deploymentId ?? 'nothing'}`;
    if (owner !== by) this.#say('doubleActivations', `${by} ${what} while ${owner} owned the slot`);
    const record = this.#story.deployment(by);
    if (record !== undefined && isTerminal(record.status) && record.draining !== true)
      this.#say('doubleActivations', `${by} ${what} after it had ended`);
  }

  /** The next step of a rollout comes after the bake of the one before it, or when people ask for it. */
  #lookAtSteps({ at, by, place, deploymentId, share }: Served): void {
    const before = this.#story.cloud.platform.history.findLast((one) => one.place === place);
    const percent = deploymentId === by ? 100 : (share?.percent ?? 0);
    if (before?.share?.deploymentId !== by || percent <= before.share.percent) return;
    const { percent: weight } = before.share;
    const step = this.#story.deployment(by)?.rollout?.steps.find((one) => one.weight === weight);
    const baked = before.at + (step?.bakeSeconds ?? 0) * 1000 <= at;
    const asked = this.#story.promotions.some(({ id, to }) => id === by && to >= before.at);
    if (!baked && !asked)
      this.#say('untrue', `${by} gave ${percent} % of the visitors its release before ${weight} % had baked`);
  }

  #compare({ key, before, after }: Change): void {
    if (after === undefined) return;
    if (key.sk === 'DEP') this.#compareRecords(before, readDeployment(after));
    if (key.sk === 'SLOT' && before !== undefined) this.#compareSlots(before, after);
  }

  #compareRecords(image: Attributes | undefined, after: Deployment): void {
    const before = image === undefined ? undefined : readDeployment(image);
    const { id } = after;
    if (before === undefined) return;
    const raised = after.revision - before.revision;
    if (raised !== 1 && !(raised === 0 && after.status === before.status))
      this.#say('untrue', `${id} went from revision ${before.revision} to ${after.revision}`);
    if (isTerminal(before.status) && after.status !== before.status)
      this.#say('untrue', `${id} was ${before.status} and is ${after.status}`);
    if (after.progress < before.progress)
      this.#say('untrue', `${id} fell from ${before.progress} % to ${after.progress} %`);
    if (before.activating && !after.activating) this.#say('untrue', `${id} forgot that it may be live`);
    if (before.cancelRequested !== undefined && after.cancelRequested === undefined)
      this.#say('untrue', `${id} forgot that it was canceled`);
    if (after.releaseState === 'active' && before.releaseState !== 'active') this.#onlyOneActive(id);
  }

  #onlyOneActive(id: string): void {
    const others = this.#story.deployments().filter((one) => one.releaseState === 'active' && one.id !== id);
    // The others of the same transaction are written a moment later, and looked at when all is over.
    if (others.length > 1)
      this.#say('untrue', `${id} is active beside ${others.map((one) => one.id).join(', ')}`);
  }

  #compareSlots(before: Attributes, after: Attributes): void {
    const number = (item: Attributes, name: string) => Number(item[name]?.N ?? 0);
    const owner = (item: Attributes) => item['owner']?.S;
    const taken = owner(after) !== undefined && owner(after) !== owner(before);
    if (number(after, 'fence') < number(before, 'fence') + (taken ? 1 : 0))
      this.#say(
        'untrue',
        `the slot's fence went from ${number(before, 'fence')} to ${number(after, 'fence')}`,
      );
    if (number(after, 'line') < number(before, 'line')) this.#say('untrue', "the slot's line fell");
    if (taken && owner(before) !== undefined && !this.#isOver(owner(before)))
      this.#say('slotsHeld', `${owner(after)} took the slot over from ${owner(before)}, which had not ended`);
  }

  /** The settlement hands over in the very transaction that ends its own deployment. */
  #isOver(id: string | undefined): boolean {
    const record = id === undefined ? undefined : this.#story.deployment(id);
    return record === undefined || isTerminal(record.status) || record.stage === 'gate';
  }
}

/** Is everything over that would ever be: nothing open, nothing to be announced, closed or drained? */
export function isQuiet(story: Story): boolean {
  const { cloud } = story;
  const open = story
    .deployments()
    .some((one) => !isTerminal(one.status) || one.closing || one.draining || one.published < one.revision);
  const runs = [...cloud.machines.executions.values()].some(({ status }) => status === 'RUNNING');
  return !open && !runs && cloud.stream.isIdle && story.slot().owner === undefined;
}

/** Everything that is wrong now that all should be over. */
export function violationsIn(story: Story): Violation[] {
  const deployments = story.deployments();
  return [
    ...stuck(story, deployments),
    ...slotsHeld(story),
    ...untrue(story, deployments),
    ...activatedTwice(story),
    ...liveAfterCancel(story, deployments),
  ];
}

function stuck({ cloud, agent }: Story, deployments: readonly Deployment[]): Violation[] {
  const found: string[] = [];
  for (const one of deployments) {
    if (!isTerminal(one.status)) found.push(`${one.id} is ${one.status} (${one.stage}): ${one.note}`);
    else if (one.closing || one.draining) found.push(`${one.id} is still closing or draining`);
    else if (one.published < one.revision) found.push(`${one.id} was not announced`);
    if (agent.building.has(one.id) && isTerminal(one.status)) found.push(`${one.id} is still being built`);
  }
  for (const { name, status } of cloud.machines.executions.values())
    if (status === 'RUNNING') found.push(`the execution of ${name} runs`);
  for (const item of cloud.records.all())
    if (item['wpk']?.S === 'UNSENT')
      found.push(`an answer was never sent: ${item['pk']?.S} ${item['sk']?.S}`);
  return found.map((what) => ({ failure: 'stuck', what }));
}

function slotsHeld(story: Story): Violation[] {
  const { owner, reason } = story.slot();
  const found: Violation[] =
    owner === undefined ? [] : [{ failure: 'slotsHeld', what: `${owner} holds the slot: ${reason}` }];
  for (const item of story.cloud.records.all())
    if (item['sk']?.S?.startsWith('WAIT#'))
      found.push({ failure: 'slotsHeld', what: `${item['sk'].S} still stands in the line` });
  return found;
}

function untrue(story: Story, deployments: readonly Deployment[]): Violation[] {
  const { served } = story;
  const slot = story.slot();
  const found: string[] = [];
  if (slot.active !== served) found.push(`the slot says ${slot.active}, served is ${served}`);
  const { shared } = story;
  if (shared !== undefined) found.push(`${shared.percent} % of the visitors get ${shared.deploymentId}`);
  for (const one of deployments) {
    if ((one.releaseState === 'active') !== (one.id === served))
      found.push(`${one.id} is ${one.status} and ${one.releaseState}; served is ${served}`);
    const { history } = story.cloud.platform;
    const wasLive = history.some((change) => gives(change, one.id));
    if (one.status === 'succeeded' && !history.some(({ deploymentId }) => deploymentId === one.id))
      found.push(`${one.id} succeeded and was never live`);
    if (one.releaseState === 'none' && wasLive) found.push(`${one.id} was live and says that it never was`);
    found.push(...wrongEnd(one), ...wrongLog(story, one));
  }
  const { previousGood } = slot;
  const good = deployments.find((one) => one.id === previousGood);
  if (good !== undefined && good.status !== 'succeeded')
    found.push(`${previousGood} is no good to go back to`);
  return found.map((what) => ({ failure: 'untrue', what }));
}

/** An ended record says how it ended, and nothing in it goes on. */
function wrongEnd(one: Deployment): string[] {
  if (!isTerminal(one.status)) return [];
  const found: string[] = [];
  const running = one.stages.filter(({ status }) => status === 'running');
  if (running.length > 0) found.push(`${one.id} has ended and its stage ${running[0]?.name} runs`);
  const error = 'error' in one ? one.error : undefined;
  if ((one.status === 'failed' || one.status === 'timeout') && error === undefined)
    found.push(`${one.id} ${one.status} without saying why`);
  if (one.status === 'succeeded' && one.progress !== 100)
    found.push(`${one.id} succeeded at ${one.progress} %`);
  return found;
}

/** The log has no gap, its end marker is its last chunk, and its archive is there. */
function wrongLog({ cloud }: Story, { id, status }: Deployment): string[] {
  if (!isTerminal(status)) return [];
  const chunks = cloud.live.partition(`LOG#${id}`, undefined);
  const found: string[] = [];
  for (const [i, chunk] of chunks.entries())
    if (chunk['sk']?.S !== `C#${String(i + 1).padStart(8, '0')}`)
      found.push(`the log of ${id} has a gap before ${chunk['sk']?.S}`);
  if (chunks.at(-1)?.['kind']?.S !== 'log-end') found.push(`the log of ${id} has no end`);
  if (cloud.buckets.get('artifacts', archiveKey(id)) === undefined)
    found.push(`the log of ${id} is not archived`);
  return found;
}

/** Do visitors get the deployment's release after this change, all or some of them? */
const gives = ({ deploymentId, share }: Served, id: string) =>
  deploymentId === id || share?.deploymentId === id;

/** A deployment goes live once: after visitors got something else, only a switch back brings it back. */
function activatedTwice({ cloud }: Story): Violation[] {
  const found: Violation[] = [];
  const replaced = new Set<string>();
  let live: Served | undefined;
  for (const change of cloud.platform.history) {
    const { deploymentId, share, by, restore } = change;
    for (const id of [live?.deploymentId, live?.share?.deploymentId])
      if (id !== undefined && !gives(change, id)) replaced.add(id);
    const again = [deploymentId, share?.deploymentId].some(
      (id) => id !== undefined && replaced.has(id) && live !== undefined && !gives(live, id),
    );
    if (!restore && again)
      found.push({ failure: 'doubleActivations', what: `${by} went live again after ${live?.deploymentId}` });
    live = change;
  }
  return found;
}

/** What was canceled before its activation never went live; what was answered `stopped` did not go live after that. */
function liveAfterCancel(story: Story, deployments: readonly Deployment[]): Violation[] {
  const { history } = story.cloud.platform;
  const found: Violation[] = [];
  for (const { id, status, activating } of deployments) {
    if (status !== 'canceled' || activating) continue;
    if (history.some((change) => gives(change, id)))
      found.push({
        failure: 'liveAfterCancel',
        what: `${id} was canceled before its activation and went live`,
      });
  }
  for (const { id, at, outcome } of story.cancels) {
    const accepted = outcome === 'stopped' || outcome === 'stopping';
    if (accepted && deployments.some((one) => one.id === id && one.status === 'succeeded'))
      found.push({ failure: 'liveAfterCancel', what: `${id} was said to be ${outcome} and succeeded` });
    const after = history.some((one) => gives(one, id) && !one.restore && one.at > at);
    if (outcome === 'stopped' && after)
      found.push({ failure: 'liveAfterCancel', what: `${id} was said to be stopped and went live` });
  }
  return found;
}
