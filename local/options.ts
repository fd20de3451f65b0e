import { parseArgs } from 'node:util';
import { reasonOf, StartFailure } from './failure.ts';

export interface Options {
  /** Deploy the example, check what is served, stop again. */
  readonly exit: boolean;
  /** Port of the emulator, and so of the API. */
  readonly port: number | undefined;
  /** Forget everything from earlier runs. */
  readonly fresh: boolean;
  readonly help: boolean;
}

export const USAGE = `npm start -- [options]

Runs Slipway on this machine and deploys an example site with it.

  --exit         deploy the example, compare what is served with what was built, and stop:
                 exit code 0 only if they agree
  --port <n>     port of the API on 127.0.0.1 (kept from run to run)
  --fresh        forget the projects, deployments and releases of earlier runs
  --help         this text

In the environment:
  AWS_ENDPOINT_URL=<url>   use an emulator that runs already instead of one of its own
  SLIPWAY_DIR=<folder>     keep everything there instead of in .slipway
  SLIPWAY_ENFORCE_IAM=1    check every call against IAM policies, as AWS does`;

/** Reads the command line; throws a StartFailure (exit code 2, as the CLI has for wrong usage). */
export function readOptions(args: readonly string[], givenEndpoint: string | undefined): Options {
  const { values } = parse(args);
  if (values.port !== undefined && givenEndpoint !== undefined) {
    throw usage(
      '--port chooses the port of an emulator that npm start runs itself, and AWS_ENDPOINT_URL names another.',
    );
  }
  return {
    exit: values.exit,
    port: values.port === undefined ? undefined : portOf(values.port),
    fresh: values.fresh,
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { exit: flag, fresh: flag, help: { ...flag, short: 'h' }, port: { type: 'string' } },
    });
  } catch (error) {
    throw usage(`${reasonOf(error).replace(/\.?$/, '.')} See npm start -- --help.`);
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw usage(`--port takes a number from 1 to 65535, not ${JSON.stringify(text)}.`);
}

const usage = (sentence: string) => new StartFailure(sentence, { exitCode: 2 });
