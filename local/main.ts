import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SlipwayFailure } from '../client/src/failure.ts';
import { givenEndpoint } from './environment.ts';
import { reasonOf, StartFailure } from './failure.ts';
import { readOptions, USAGE } from './options.ts';
import { HOME } from './paths.ts';
import { runSlipway } from './run.ts';
import { createChildren } from './supervise/children.ts';
import { createEndings } from './supervise/endings.ts';
import { untilNpmGone } from './supervise/npm.ts';

/** Exit codes as shells have them for a program that a signal ended. */
const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Ending = keyof typeof CODES;

// A reader that went away (head, less) is no reason to stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Runs until there is an outcome or somebody ends it, and leaves nothing running either way. */
async function main(): Promise<number> {
  const children = createChildren();
  const endings = createEndings(say);
  endings.add('the child processes', children.stopAll);
  const interrupted = firstSignal();
  let isUp = false;
  try {
    const options = readOptions(process.argv.slice(2), givenEndpoint());
    if (options.help) {
      say(USAGE);
      return 0;
    }
    const setting = { options, children, endings, say, onUp: () => (isUp = true) };
    const npmGone = untilNpmGone().then((): Ending => 'SIGTERM');
    const outcome = await Promise.race([runSlipway(setting), interrupted, npmGone, firstCrash()]);
    if (typeof outcome === 'number') return outcome;
    say(`\nStopping, so that everything is kept for next time ...`);
    // Ending it is what a person does with a service that is up; before that it is a start that didn't happen.
    return isUp ? 0 : CODES[outcome];
  } catch (error) {
    return explain(error);
  } finally {
    await endings.run();
  }
}

/** The second signal is taken at its word; the watchdog then ends the children. */
function firstSignal(): Promise<Ending> {
  return new Promise((resolve) => {
    let asked = false;
    for (const name of Object.keys(CODES) as Ending[]) {
      process.on(name, () => {
        if (asked) process.exit(CODES[name]);
        asked = true;
        resolve(name);
      });
    }
  });
}

/** A fault in the background ends everything in order too, instead of leaving it to the watchdog. */
function firstCrash(): Promise<never> {
  return new Promise((_, reject) => process.on('uncaughtException', reject));
}

/** One sentence; what only helps those who work on this program goes to a file. */
function explain(error: unknown): number {
  if (error instanceof StartFailure) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof SlipwayFailure) {
    process.stderr.write(`${[error.message, error.problem?.suggestion].filter(Boolean).join(' ')}\n`);
    return 1;
  }
  const file = join(HOME, 'logs', 'npm-start.log');
  mkdirSync(join(HOME, 'logs'), { recursive: true });
  appendFileSync(
    file,
    `${new Date().toISOString()} ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.stderr.write(`npm start failed: ${reasonOf(error)} (see ${file})\n`);
  return 1;
}

// Sockets of finished requests may still be open; there is nothing left to wait for.
process.exit(await main());
