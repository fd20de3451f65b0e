import type { Surroundings } from '../../../shared/domain/prerequisites.ts';
import type {
  Deployment,
  DeploymentSource,
  Environment,
  Project,
  Version,
} from '../../../shared/domain/records.ts';
import type { DeploymentChanges } from '../../../shared/store/deployments.ts';
import type { SlotWithLine } from '../../../shared/store/slot.ts';
import type { StepsDeps } from '../deps.ts';

/** Everything that a look of the gate rests on, read strongly at its beginning. */
export interface GateFacts extends SlotWithLine {
  readonly deployment: Deployment;
  readonly project: Project;
  readonly environment: Environment;
  readonly version: Version;
  /** With the commit that it stands for. */
  readonly source: DeploymentSource;
  /** What its prerequisites depend on elsewhere: looked at once in a look, where a rule asks for it. */
  readonly surroundings: () => Promise<Surroundings>;
}

/** What the gate waits for, in the words of the status. */
export type GateWait = {
  readonly kind: 'wait';
  readonly status: 'scheduled' | 'queued' | 'awaiting-approval' | 'held';
  /** For people: what it waits for. Said in the log once, shown as long as it waits. */
  readonly note: string;
  /** Moment (ms) at which the gate looks again by itself; absent: somebody else ends the wait. */
  readonly until?: number | undefined;
  /** What else is noted on the record with it. */
  readonly changes?: DeploymentChanges | undefined;
};

/** `again`: the rule has moved something; what the look rested on is read anew. */
export type GateVerdict = { readonly kind: 'pass' } | { readonly kind: 'again' } | GateWait;

/**
 * One thing that may keep a deployment at the gate. Rules run in their order at every look until one does not pass,
 * so each may run any number of times.
 * @throws StageFailed where the deployment cannot go on at all, ConditionFailed where the facts have changed
 */
export type GateRule = (deps: StepsDeps, facts: GateFacts) => Promise<GateVerdict>;

export const PASS: GateVerdict = { kind: 'pass' };
