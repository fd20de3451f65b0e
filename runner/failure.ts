import {
  JOB_FAILURE_CODES,
  type JobFailure,
  MAX_FAILURE_MESSAGE,
  MAX_FAILURE_SUGGESTION,
} from '../shared/contracts/job-results.ts';
import { SlipwayError } from '../shared/errors/base.ts';
import { StageFailed } from '../shared/errors/deployments.ts';
import type { JobLog } from './log.ts';
import type { StopReason } from './stop.ts';

/** Anything that ended a job, as the service and its people see it: masked, and of the contract's lengths. */
export function failureOf(thrown: unknown, log: JobLog): JobFailure {
  const known = thrown instanceof SlipwayError ? thrown : unexpected(thrown);
  const code = JOB_FAILURE_CODES.find((each) => each === known.code) ?? 'INTERNAL';
  const exitCode = known instanceof StageFailed ? known.exitCode : undefined;
  return {
    code,
    step: log.step,
    message: ending(log.mask(known.message), MAX_FAILURE_MESSAGE),
    ...(exitCode === undefined ? {} : { exitCode }),
    retryable: known.retryable,
    suggestion: log.mask(known.suggestion ?? 'Look at the log of the step.').slice(0, MAX_FAILURE_SUGGESTION),
  };
}

/** A fault of the runner or its machine: a full disk, a missing program. */
function unexpected(thrown: unknown): StageFailed {
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return new StageFailed('INTERNAL', `The runner could not do its work: ${what}`, {
    cause: thrown,
    fault: 'service',
    retryable: true,
    suggestion: 'Look at the runner’s machine: its disk, and whether git, sh and npm are installed.',
  });
}

const ENDED = { shutdown: 'stopped', restart: 'restarted' } as const;

/** Ends that are nobody's failure inside the job; `restart`: found by the runner that came after. */
type OuterEnd = Extract<StopReason, 'time' | 'disk' | 'unanswered' | 'shutdown'> | 'restart';

/**
 * The failure that a limit or the end of the runner stands for.
 * @param limit the seconds or bytes that were exceeded
 */
export function stopFailure(reason: OuterEnd, limit: number): StageFailed {
  switch (reason) {
    case 'time':
      return new StageFailed('TIMEOUT', `The job was not done within ${limit} s and was ended.`, {
        retryable: true,
        suggestion: 'Make the build faster, or raise the build timeout of the environment.',
      });
    case 'disk':
      return new StageFailed(
        'BUILD_FAILED',
        `The build took more than ${limit} bytes of disk and was ended.`,
        {
          suggestion: 'Make the build write less; look for caches that grow without end.',
        },
      );
    case 'unanswered':
      return new StageFailed('RUNNER_LOST', `The service did not answer for ${limit} s; the job was ended.`, {
        fault: 'platform',
        retryable: true,
        suggestion: 'Deploy again; if it happens often, look at the network of the runner.',
      });
    case 'shutdown':
    case 'restart':
      return new StageFailed('RUNNER_LOST', `The runner was ${ENDED[reason]} while it did this job.`, {
        fault: 'service',
        retryable: true,
        suggestion: 'Deploy again.',
      });
  }
}

/** Keeps the first line and the end, where the last lines of output stand. */
function ending(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = text.slice(0, Math.min(text.indexOf('\n') + 1 || 200, 200));
  return `${head}… ${text.slice(text.length - (length - head.length - 2))}`;
}
