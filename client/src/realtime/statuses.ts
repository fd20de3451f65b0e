import type { DeploymentStatusView } from '../../../shared/contracts/deployment-status.ts';
import { TERMINAL_STATUSES } from '../../../shared/domain/status.ts';
import type { StatusUpdate } from '../shapes/frames.ts';

const TERMINAL: ReadonlySet<string> = new Set(TERMINAL_STATUSES);

/** False of a status too that a later service may have: what is not known to be an end is none. */
export const isTerminal = (status: string): boolean => TERMINAL.has(status);

/** Statuses of deployments in their order: what is older than what was given, or the same, is dropped. */
export class Statuses {
  readonly #latest = new Map<string, StatusUpdate>();

  /** Is it news? */
  take(update: StatusUpdate): boolean {
    const before = this.#latest.get(update.deploymentId);
    if (before !== undefined && before.revision >= update.revision) return false;
    this.#latest.set(update.deploymentId, update);
    return true;
  }

  revisionOf(deploymentId: string): number | undefined {
    return this.#latest.get(deploymentId)?.revision;
  }

  /** Has any of them, as far as is known, not ended? */
  get anyOpen(): boolean {
    return [...this.#latest.values()].some(({ status }) => !isTerminal(status));
  }

  hasEnded(deploymentId: string): boolean {
    return isTerminal(this.#latest.get(deploymentId)?.status ?? '');
  }
}

/** The status that was read, as a frame would have told it. */
export const updateOf = (view: DeploymentStatusView): StatusUpdate => ({
  deploymentId: view.id,
  status: view.status,
  releaseState: view.releaseState,
  stage: view.stage,
  progress: view.progress,
  ...(view.message === undefined ? {} : { message: view.message }),
  ...(view.url === undefined ? {} : { url: view.url }),
  ...(view.error === undefined ? {} : { errorCode: view.error.code, errorMessage: view.error.message }),
  revision: view.revision,
});
