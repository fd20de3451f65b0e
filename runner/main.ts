import { renameSync, writeFileSync } from 'node:fs';
import { SlipwayError } from '../shared/errors/base.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { startAgent } from './agent.ts';
import type { Builders } from './build-user.ts';
import { createJournal } from './journal.ts';
import { runOnce } from './once.ts';
import { parseOptions, USAGE, WrongUsage } from './options.ts';
import { isRefusal } from './protocol/refusals.ts';

/** The program: reads its options, is an agent or does one job, and ends with a code that says how it went. */
async function main(args: readonly string[]): Promise<number> {
  const journal = createJournal(systemClock, (line) => process.stderr.write(line));
  const options = await parseOptions(args);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      journal.info('stopping', { signal: name });
      stop.abort();
    });
  }
  switch (options.mode) {
    case 'help':
      process.stdout.write(`${USAGE}\n`);
      return 0;
    case 'once':
      return (await runOnce({ ...options, journal, signal: stop.signal })) === 'not-told' ? 1 : 0;
    case 'agent': {
      const { readyFile } = options;
      const onReady = readyFile === undefined ? undefined : sayReady(readyFile);
      const agent = startAgent({ ...options, journal, onReady });
      stop.signal.addEventListener('abort', () => void agent.stop(), { once: true });
      await agent.done;
      return 0;
    }
  }
}

/** For a program that starts the agent and tells a person who builds. */
const sayReady =
  (file: string) =>
  ({ settings, refused }: Builders): void => {
    writeFileSync(`${file}.new`, JSON.stringify({ buildUser: settings.buildUser?.name, refused }));
    renameSync(`${file}.new`, file);
  };

function explain(error: unknown): number {
  if (error instanceof WrongUsage) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    return 2;
  }
  if (error instanceof SlipwayError) {
    process.stderr.write(`${[error.message, error.suggestion].filter(Boolean).join(' ')}\n`);
    return isRefusal(error) ? 3 : 1;
  }
  process.stderr.write(`The runner failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.exitCode = explain(error);
  },
);
