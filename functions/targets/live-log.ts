import type { LogLevel } from '../../shared/domain/log.ts';
import { type MaskedValues, maskLine } from '../../shared/masking/masker.ts';
import type { SystemLog } from '../../shared/store/system-log.ts';

/** Lines of an operation, masked, and written while it goes on. */
export interface LiveLog {
  add(level: LogLevel, message: string, at?: number): void;
  /** The text as it may be shown: what a target says may repeat what it was given. */
  mask(text: string): string;
  /** The same log, for lines of another step. */
  inStep(step: string): LiveLog;
  /** Everything that was added is written (or given up, which `lost` was told). */
  settled(): Promise<void>;
}

/**
 * Writes lines as they come, those that come during a write with the next one. A log that cannot be written
 * never fails a deployment.
 */
export function liveLog(
  log: SystemLog,
  step: string,
  secrets: MaskedValues,
  lost: (error: unknown) => void,
): LiveLog {
  let writing: Promise<void> | undefined;
  let added = false;

  const write = async (): Promise<void> => {
    try {
      while (added) {
        added = false;
        await log.flush();
      }
    } catch (error) {
      lost(error);
    } finally {
      writing = undefined;
    }
  };

  const mask = (text: string) => maskLine(secrets, text);

  const settled = async () => {
    await writing;
    if (added) await write();
  };

  const inStep = (name: string): LiveLog => ({
    mask,
    add: (level, message, at) => {
      log.add(name, level, mask(message), at);
      added = true;
      writing ??= write();
    },
    inStep,
    settled,
  });
  return inStep(step);
}
