import { SlipwayError } from './base.ts';

/** A producer skipped lines: the store has them only up to `nextOffset`, and goes on from there. */
export class OffsetMismatch extends SlipwayError {
  readonly code = 'OFFSET_MISMATCH';
  readonly fault = 'caller';
  readonly retryable = true;
  readonly nextOffset: number;

  constructor(deploymentId: string, producer: string, offset: number, nextOffset: number) {
    super(
      `The log of ${deploymentId} has the first ${nextOffset} lines of ${producer}; a batch that starts at ${offset} would leave a gap.`,
      {
        suggestion: `Send the lines again from offset ${nextOffset}.`,
        facts: { deploymentId, producer, offset, nextOffset },
      },
    );
    this.nextOffset = nextOffset;
  }
}

/** The log has its end marker: nothing can be added any more. */
export class LogEnded extends SlipwayError {
  readonly code = 'JOB_GONE';
  readonly fault = 'caller';
  readonly retryable = false;

  constructor(deploymentId: string) {
    super(`The log of ${deploymentId} is complete; no line can be added.`, {
      suggestion: 'Stop the job: its deployment has ended.',
      facts: { deploymentId },
    });
  }
}

/** An archive went away while it was read: another stands in its place, or nothing ever will. */
export class ArchiveGone extends SlipwayError {
  readonly code = 'INTERNAL';
  readonly fault = 'service';
  readonly retryable = true;
}

/** The stored chain is not what only our own writes could have left. */
export class LogDamaged extends SlipwayError {
  readonly code = 'INTERNAL';
  readonly fault = 'service';
  readonly retryable = false;
}
