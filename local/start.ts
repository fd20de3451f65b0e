import { join } from 'node:path';
import { deployApp } from './deploy/deploy.ts';
import type { Deployed } from './deploy/outputs.ts';
import { type Edge, startEdge } from './edge/edge.ts';
import { answers } from './emulator/health.ts';
import type { LostState } from './emulator/marker.ts';
import { startEmulator } from './emulator/start.ts';
import { givenEndpoint, wantsIamEnforced } from './environment.ts';
import { demandGit } from './example/git.ts';
import { StartFailure } from './failure.ts';
import type { Options } from './options.ts';
import { HOME, INSTALL, ROOT } from './paths.ts';
import { forgetRunner } from './service/runner.ts';
import { settingsOf } from './service/settings.ts';
import type { Children } from './supervise/children.ts';
import type { Endings } from './supervise/endings.ts';
import { forgetEverything } from './supervise/forget.ts';
import { claimInstance } from './supervise/instance.ts';
import { keepPort, keptPort } from './supervise/kept-ports.ts';
import { demandPort } from './supervise/ports.ts';

/** What every part of a start gets. */
export interface Setting {
  readonly options: Options;
  readonly children: Children;
  readonly endings: Endings;
  say(line: string): void;
}

/** The part of AWS that is needed, and the app on it. */
export interface Ground {
  readonly endpoint: string;
  readonly deployed: Deployed;
  readonly edge: Edge;
  /** Resolves if the emulator ends by itself. */
  readonly emulatorGone: Promise<unknown>;
}

/** From nothing to the deployed app: emulator, edge server, CDK. What it starts it also hands to `endings`. */
export async function prepareGround(setting: Setting): Promise<Ground> {
  const { options, endings, children, say } = setting;
  await demandGit();
  const instance = await claimInstance(HOME);
  endings.add('the lock', instance.release);
  if (options.fresh) await Promise.all([forgetEverything(HOME), forgetRunner()]);

  const emulator = await findEmulator(setting);
  const edge = await startEdge({ stateFile: join(HOME, 'edge.json'), say });
  endings.add('the edge server', edge.close);

  const deployed = await deployApp({
    endpoint: emulator.endpoint,
    root: ROOT,
    home: HOME,
    settings: settingsOf(emulator.endpoint, edge.adminUrl),
    stateLost: emulator.lost !== undefined,
    children,
    say,
  });
  const { SitesBucket, EdgeKeyValueStore } = deployed.outputs;
  await edge.connect({ endpoint: emulator.endpoint, bucket: SitesBucket, kvsArn: EdgeKeyValueStore });
  return { endpoint: emulator.endpoint, deployed, edge, emulatorGone: emulator.exited };
}

interface FoundEmulator {
  readonly endpoint: string;
  readonly lost: LostState | undefined;
  readonly exited: Promise<unknown>;
}

async function findEmulator({ options, endings, children, say }: Setting): Promise<FoundEmulator> {
  const given = givenEndpoint();
  if (given !== undefined) {
    if (!(await answers(given)))
      throw new StartFailure(`No emulator answers at ${given}, which AWS_ENDPOINT_URL names.`);
    // Nobody tells when an emulator of somebody else ends.
    return { endpoint: given, lost: undefined, exited: new Promise(() => {}) };
  }
  const port = await portOf(options);
  say('Starting the AWS emulator ...');
  const emulator = await startEmulator({
    dir: HOME,
    install: INSTALL,
    port,
    enforceIam: wantsIamEnforced(),
    children,
    say,
  });
  endings.add('the emulator', emulator.stop);
  if (emulator.lost !== undefined) say(sentenceOf(emulator.lost));
  return emulator;
}

/** A port that a person asked for is theirs or an error, and is the port from then on. */
async function portOf({ port }: Options): Promise<number> {
  if (port === undefined) return keptPort(HOME, 'emulator');
  await demandPort(port);
  await keepPort(HOME, 'emulator', port);
  return port;
}

function sentenceOf({ since, earlierStateKept }: LostState): string {
  const from = new Date(since).toLocaleString();
  const rest = earlierStateKept ? 'what was there before that is kept' : 'everything begins anew';
  return `The run of ${from} was killed before its state could be written: projects, deployments and releases made since then are lost; ${rest}.`;
}
