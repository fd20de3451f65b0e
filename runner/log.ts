import type { LogLevel } from '../shared/domain/log.ts';
import { maskKnownTokens } from '../shared/masking/known-tokens.ts';
import { createMasker, maskLine, prepareValues } from '../shared/masking/masker.ts';
import type { Clock } from '../shared/platform/clock.ts';
import type { OutputSink } from './process/command.ts';
import { createLineSplitter } from './process/lines.ts';
import type { Poster, Step } from './protocol/poster.ts';

/** The two sinks of a command and what must be called when it has ended. */
export interface CommandOutput {
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
  end(): void;
}

/** What a job prints: its own lines and those of its commands, masked, on their way to the service. */
export interface JobLog {
  readonly step: string;
  enter(step: Step): void;
  info(message: string): void;
  warn(message: string): void;
  /** Output of one command: stdout as `info`, stderr as `warn`. */
  command(): CommandOutput;
  /** The last lines of command output, for a failure's message. */
  tail(): readonly string[];
  /** Says how much was left out over the limit, once. */
  sayTruncation(): void;
  mask(text: string): string;
  /** Masks these as well from now on. */
  hide(values: readonly string[]): void;
}

export interface JobLogOptions {
  readonly poster: Poster;
  readonly masked: readonly string[];
  readonly clock: Clock;
  /** Bytes of command output that are kept; the rest is counted. */
  readonly outputBytes: number;
  readonly firstStep: string;
}

const TAIL_LINES = 12;
const NEWLINE = 0x0a;
/** A stream that was quiet this long shows what its masker held back. */
const SHOW_REST_MS = 1_000;

export function createJobLog(options: JobLogOptions): JobLog {
  const { poster, clock } = options;
  let step = options.firstStep;
  let left = options.outputBytes;
  let dropped = { bytes: 0, lines: 0 };
  const tail: string[] = [];
  const hidden = [...options.masked];
  let masked = prepareValues(hidden);

  const mask = (text: string) => maskLine(masked, text);
  const add = (level: LogLevel, message: string) => poster.add({ at: clock.now(), level, step, message });
  const say = (level: LogLevel, message: string) => {
    const splitter = createLineSplitter((line) => add(level, line));
    splitter.push(mask(message));
    splitter.flush();
  };

  /** What of these bytes is still under the limit; the rest is counted. */
  function keep(bytes: Buffer): Buffer {
    const kept = bytes.subarray(0, left);
    const rest = bytes.subarray(kept.length);
    left -= kept.length;
    dropped = { bytes: dropped.bytes + rest.length, lines: dropped.lines + count(rest) };
    return kept;
  }

  function stream(level: LogLevel): { sink: OutputSink; end: () => void } {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const masker = createMasker(masked);
    let keyLinesLeft = 0;
    const splitter = createLineSplitter((line) => {
      // Here too, not only where the log is stored: a failure quotes these lines, and may cut them where it likes.
      const known = maskKnownTokens([line], keyLinesLeft);
      const [shown = line] = known.lines;
      [keyLinesLeft = 0] = known.keyLinesLeft;
      add(level, shown);
      tail.push(shown);
      if (tail.length > TAIL_LINES) tail.shift();
    });
    // The masker keeps back what may be the beginning of a secret, but not while a viewer waits for it.
    const showRest = () => splitter.push(masker.flush());
    let timer: NodeJS.Timeout | undefined;
    return {
      sink: (bytes) => {
        clearTimeout(timer);
        timer = setTimeout(showRest, SHOW_REST_MS);
        const silent = dropped.bytes > 0;
        splitter.push(masker.push(decoder.decode(keep(bytes), { stream: true })));
        if (!silent && dropped.bytes > 0) {
          // Said now, so that nobody wonders why a running build is silent.
          add(
            'warn',
            `The output limit of ${options.outputBytes} bytes is reached; what follows is counted.`,
          );
        }
        return poster.room();
      },
      end: () => {
        clearTimeout(timer);
        splitter.push(masker.push(decoder.decode()) + masker.flush());
        splitter.flush();
      },
    };
  }

  return {
    get step() {
      return step;
    },
    enter(next) {
      // What an earlier step printed says nothing about the failure of this one.
      if (step !== next) tail.length = 0;
      step = next;
      poster.enter(next);
    },
    info: (message) => say('info', message),
    warn: (message) => say('warn', message),
    command() {
      const [out, error] = [stream('info'), stream('warn')];
      return {
        stdout: out.sink,
        stderr: error.sink,
        end() {
          out.end();
          error.end();
        },
      };
    },
    tail: () => tail,
    sayTruncation() {
      if (dropped.bytes === 0) return;
      add('warn', `${dropped.bytes} bytes (${dropped.lines} lines) over the output limit were not kept.`);
      dropped = { bytes: 0, lines: 0 };
    },
    mask,
    hide(values) {
      if (values.length === 0) return;
      hidden.push(...values);
      masked = prepareValues(hidden);
    },
  };
}

function count(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
