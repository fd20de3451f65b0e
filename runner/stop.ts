/**
 * Why a running job ends before its work is done:
 * - `cancel`: the service asked for it
 * - `gone`: the service does not want this job's answers any more; nothing is reported
 * - `unanswered`: the service was silent for longer than the job allows, so somebody else has taken over
 * - `refused`: the service does not understand what this runner sends
 * - `time`, `disk`: a limit of the job
 * - `shutdown`: the runner itself is being stopped
 */
export type StopReason = 'cancel' | 'gone' | 'unanswered' | 'refused' | 'time' | 'disk' | 'shutdown';

/** The reason of a job's abort signal: everything that the job runs rejects with it. */
export class JobStopped extends Error {
  override readonly name = 'JobStopped';
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`The job was stopped: ${reason}.`);
    this.reason = reason;
  }
}
