import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_AWS } from '../emulator/settings.ts';
import { StartFailure } from '../failure.ts';
import { ROOT } from '../paths.ts';
import type { Children } from '../supervise/children.ts';
import { runErrand } from '../supervise/errand.ts';
import { lastLines } from '../supervise/output.ts';

/** The CDK's own command line, pointed at an emulator and nowhere else. */
export interface Cdk {
  /** Makes the bucket and roles that every CDK deployment uses. */
  bootstrap(): Promise<void>;
  /** Synthesises the app with these settings and deploys all its stacks; stack outputs go to `outputsFile`. */
  deploy(settings: Readonly<Record<string, string>>, outputsFile: string): Promise<void>;
}

/** cdk ended with an error; `log` holds what it printed last. */
export class CdkFailed extends Error {
  override readonly name = 'CdkFailed';
  readonly log: readonly string[];
  readonly logFile: string;

  constructor(verb: string, log: readonly string[], logFile: string) {
    super(`cdk ${verb} failed`);
    this.log = log;
    this.logFile = logFile;
  }
}

const BOOTSTRAP_TIMEOUT_MS = 3 * 60_000;
const DEPLOY_TIMEOUT_MS = 10 * 60_000;

/** Where cdk finds the app, the emulator, and a place for its logs and templates. */
export interface Place {
  readonly endpoint: string;
  readonly root: string;
  readonly home: string;
}

export function cdkAt({ endpoint, root, home }: Place, children: Children): Cdk {
  async function run(verb: string, cwd: string, args: readonly string[], timeoutMs: number): Promise<void> {
    const logFile = join(home, 'logs', `cdk-${verb}.log`);
    const { code } = await runErrand(
      children,
      {
        name: `cdk ${verb}`,
        program: process.execPath,
        args: [
          join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
          verb,
          ...args,
          '--no-notices',
          '--no-color',
        ],
        cwd,
        env: environmentOf(endpoint),
        logFile,
        graceMs: 2_000,
      },
      timeoutMs,
    );
    if (code !== 0) throw new CdkFailed(verb, await lastLines(logFile, 200), logFile);
  }

  return {
    // Where no cdk.json is: beside one, it would synthesise the whole app first for nothing.
    bootstrap: () =>
      run('bootstrap', home, [`aws://${LOCAL_AWS.account}/${LOCAL_AWS.region}`], BOOTSTRAP_TIMEOUT_MS),

    async deploy(settings, outputsFile) {
      await rm(outputsFile, { force: true });
      const context = Object.entries(settings).flatMap(([name, value]) => ['--context', `${name}=${value}`]);
      // A folder of its own, so that it doesn't take turns with a `cdk synth` in the same checkout; applied
      // directly, since nobody reviews a change set here.
      const output = ['--output', join(home, 'cdk.out')];
      const how = ['--all', '--require-approval', 'never', '--method', 'direct', '--concurrency', '4'];
      await run(
        'deploy',
        root,
        [...how, ...output, '--outputs-file', outputsFile, ...context],
        DEPLOY_TIMEOUT_MS,
      );
    },
  };
}

/** Nothing of the person's AWS configuration takes part: no profile, no credentials, no instance role. */
function environmentOf(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: LOCAL_AWS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_AWS.secretAccessKey,
    AWS_REGION: LOCAL_AWS.region,
    AWS_DEFAULT_REGION: LOCAL_AWS.region,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: LOCAL_AWS.account,
    CDK_DEFAULT_REGION: LOCAL_AWS.region,
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
}

/** How Node and cdk print an error (`TypeError: ...`), and how the construct library does (`«Code» ...`). */
const ERROR_LINE = /(^|\W)([A-Z]\w*)?Error:|^«\w+»/;

/** One sentence for a person out of what cdk printed: its own error line, without the symbols before it. */
export function sentenceOf(failed: CdkFailed, reason: string | undefined): StartFailure {
  const line =
    reason ?? failed.log.find((text) => ERROR_LINE.test(text)) ?? failed.log.at(-1) ?? 'it printed nothing';
  const text = line
    .replace(/^«\w+»|^[\W_]+/, '')
    .replace(/[\s.]+$/, '')
    .trim();
  return new StartFailure(`${failed.message}: ${text} (see ${failed.logFile}).`, { cause: failed });
}
