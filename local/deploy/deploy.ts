import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Children } from '../supervise/children.ts';
import { CdkFailed, cdkAt, sentenceOf } from './cdk.ts';
import { type CloudFormation, cloudFormationAt } from './cloudformation.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type Deployed, readOutputs } from './outputs.ts';

export interface DeployOptions {
  readonly endpoint: string;
  /** The folder of the CDK app: this checkout. */
  readonly root: string;
  /** Where what is deployed is remembered. */
  readonly home: string;
  /** The app's settings as CDK context. */
  readonly settings: Readonly<Record<string, string>>;
  /** The emulator lost what was deployed, so what is remembered doesn't count. */
  readonly stateLost: boolean;
  readonly children: Children;
  readonly say: (line: string) => void;
}

const BOOTSTRAP_STACK = 'CDKToolkit';

/**
 * Brings the CDK app to the emulator: not at all where the same sources and settings are deployed there already
 * (the warm start), else by the CDK's own command line, as on AWS. Throws a StartFailure with CloudFormation's
 * reason.
 */
export async function deployApp(options: DeployOptions): Promise<Deployed> {
  const { endpoint, root, home, settings, say } = options;
  const memory = join(home, 'deployed.json');
  const outputsFile = join(home, 'outputs.json');
  const cloudFormation = cloudFormationAt(endpoint);
  const fingerprint = await fingerprintOf(root, settings);
  const complete = await cloudFormation.completeStacks();

  if (!options.stateLost && (await remembered(memory)) === fingerprint) {
    const deployed = await readOutputs(outputsFile).catch(() => undefined);
    if (deployed?.stacks.every((stack) => complete.has(stack))) return deployed;
  }

  await rm(memory, { force: true });
  const cdk = cdkAt({ endpoint, root, home }, options.children);
  const startedAt = Date.now();
  try {
    if (!complete.has(BOOTSTRAP_STACK)) {
      say('Preparing the emulator for the CDK ...');
      await cdk.bootstrap();
    }
    say('Deploying the CDK app to the emulator ...');
    await cdk.deploy(settings, outputsFile);
  } catch (error) {
    if (!(error instanceof CdkFailed)) throw error;
    throw sentenceOf(error, await reasonSince(cloudFormation, startedAt));
  }
  const deployed = await readOutputs(outputsFile);
  await writeFile(memory, fingerprint);
  return deployed;
}

async function remembered(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

async function reasonSince(cloudFormation: CloudFormation, since: number): Promise<string | undefined> {
  try {
    return await cloudFormation.failureSince(since);
  } catch {
    // The emulator itself may be what failed; then cdk's own words have to do.
    return undefined;
  }
}
