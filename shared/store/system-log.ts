import type { LogLevel, LogLine, LogSource, NewLine } from '../domain/log.ts';
import { linesOf } from '../domain/log-text.ts';
import type { StoreContext } from './context.ts';
import { type AppendOptions, appendLines } from './log-chain.ts';

export interface SystemLogOptions extends AppendOptions {
  /** `system`: Slipway itself (the default). `deploy`: what a target reports. */
  readonly source?: LogSource | undefined;
  /** Lines that this producer has written in earlier pieces of work; 0 by default. */
  readonly offset?: number | undefined;
  /** Called with every batch once it stands in the log: pushes it to viewers. Its failure is the caller's to decide. */
  readonly pushed?: ((lines: readonly LogLine[]) => Promise<unknown>) | undefined;
}

/** Lines of the service in a deployment's log, gathered and written in batches. */
export interface SystemLog {
  /** A message of several lines becomes several lines, as of a build (see createLineSplitter). */
  add(step: string, level: LogLevel, message: string, at?: number): void;
  /** Writes what was added since the last flush. Nothing to write costs nothing. */
  flush(): Promise<void>;
}

/**
 * A log for one piece of work. `producer` names the attempt (`gate.1`, `release.2`; short, since every chunk of the log
 * carries it): when a retried Lambda does the same attempt again, lines that the first try wrote are recognised by
 * their place in it and not written twice. Lines of another attempt need another producer.
 */
export function systemLog(
  ctx: StoreContext,
  deploymentId: string,
  producer: string,
  options: SystemLogOptions = {},
): SystemLog {
  let offset = options.offset ?? 0;
  let waiting: NewLine[] = [];
  return {
    add: (step, level, message, at = ctx.clock.now()) => {
      for (const text of linesOf(message)) {
        waiting.push({ at, level, step, source: options.source ?? 'system', message: text });
      }
    },
    flush: async () => {
      if (waiting.length === 0) return;
      const lines = waiting;
      waiting = [];
      const appended = await appendLines(ctx, deploymentId, producer, offset, lines, options).catch(
        (error) => {
          // Still to be written, before whatever was added meanwhile.
          waiting = [...lines, ...waiting];
          throw error;
        },
      );
      offset += lines.length;
      await options.pushed?.(appended.lines);
    },
  };
}

/**
 * One line of the service, written at once behind whatever stands there; the line as it was stored.
 *
 * @param options `once`: it is the only line of its producer, and is not written where that has written it
 */
export async function addSystemLine(
  ctx: StoreContext,
  deploymentId: string,
  producer: string,
  line: Pick<NewLine, 'level' | 'step' | 'message'>,
  { once = false, ...options }: AppendOptions & { readonly once?: boolean } = {},
): Promise<readonly LogLine[]> {
  const whole: NewLine = { ...line, at: ctx.clock.now(), source: 'system' };
  return (await appendLines(ctx, deploymentId, producer, once ? 0 : 'next', [whole], options)).lines;
}
