import { join } from 'node:path';
import { Slipway } from '../client/src/slipway.ts';
import type { DeploymentView } from '../shared/contracts/deployments.ts';
import { deployExample } from './example/deploy.ts';
import { EXAMPLE, ensureProject } from './example/project.ts';
import { makeRepository } from './example/repository.ts';
import { serveRepository } from './example/serve.ts';
import { type Service, verifyExample } from './example/verify.ts';
import { StartFailure } from './failure.ts';
import { HOME, INSTALL, ROOT } from './paths.ts';
import { type Access, ensureAccess } from './service/access.ts';
import { makeAdminToken } from './service/bootstrap.ts';
import { forgetRunner, sayWhoBuilds, startAgent } from './service/runner.ts';
import { untilSettled } from './service/settled.ts';
import { type Ground, prepareGround, type Setting } from './start.ts';
import type { Child } from './supervise/children.ts';
import { keptPort } from './supervise/kept-ports.ts';
import { publishRunning, runningFile, withdrawRunning } from './supervise/running.ts';

export interface RunSetting extends Setting {
  /** From here on, ending it is not a failure. */
  onUp(): void;
}

/**
 * The whole of npm start. With `--exit` it answers with the exit code; without, it goes on until somebody ends
 * it, or fails where something that it needs ended by itself.
 */
export async function runSlipway(setting: RunSetting): Promise<number> {
  const ground = await prepareGround(setting);
  const { outputs } = ground.deployed;
  const access = await ensureAccess(HOME, outputs.ApiUrl, () =>
    makeAdminToken(ground.endpoint, outputs.BootstrapFunction),
  );
  const { aPartEnds, agent } = await openForWork(setting, ground, access);
  introduce(setting, ground, access);
  await sayWhoBuilds(agent, setting.say);
  const service = { url: outputs.ApiUrl, token: access.admin };
  return Promise.race([aPartEnds, showExample(setting, service)]);
}

interface Open {
  /** Rejects when a part that is needed ends by itself. */
  readonly aPartEnds: Promise<never>;
  readonly agent: Child;
}

/** Starts the agent and writes where everything is. */
async function openForWork(setting: RunSetting, ground: Ground, access: Access): Promise<Open> {
  const { ApiUrl: url, WebsocketUrl: websocketUrl } = ground.deployed.outputs;
  setting.endings.add('what runs', () => untilSettled({ url, token: access.admin }));
  // A folder of its own is for one run or a few (tests); the downloads of the checkout's own are kept.
  if (HOME !== INSTALL) setting.endings.add("the runner's folder", forgetRunner);
  const agent = await startAgent({ url, token: access.runner.token }, setting.children);
  setting.endings.add('the runner agent', agent.stop);
  const edgeUrl = ground.edge.adminUrl;
  setting.children.discardAtDeath(runningFile(HOME));
  await publishRunning(HOME, { url, websocketUrl, edgeUrl, token: access.admin, pid: process.pid });
  setting.endings.add('.slipway/local.json', () => withdrawRunning(HOME));
  const emulatorLog = join(HOME, 'logs', 'emulator.log');
  const aPartEnds = Promise.race([
    ground.emulatorGone.then(() => fail(`The emulator ended by itself; see ${emulatorLog}.`)),
    agent.exited.then(() => fail(`The runner agent ended by itself; see ${agent.logFile}.`)),
  ]);
  // At a stop both end, and nobody listens any more.
  aPartEnds.catch(() => {});
  return { aPartEnds, agent };
}

function fail(sentence: string): never {
  throw new StartFailure(sentence);
}

/** Does the main job once, and then either checks it or stays. */
async function showExample(setting: RunSetting, service: Service): Promise<number> {
  const { say } = setting;
  const deployment = await deployIt(setting, service);
  say(`\n${EXAMPLE.name} is live:  ${deployment.url}\n`);
  if (setting.options.exit) return verifyExample(service, deployment, say);
  setting.onUp();
  say('Slipway runs until you press Ctrl-C.');
  return new Promise(() => {});
}

async function deployIt(setting: RunSetting, service: Service): Promise<DeploymentView> {
  const { say, endings } = setting;
  const folder = join(HOME, 'example');
  await makeRepository(join(ROOT, 'examples', 'site'), folder);
  const server = await serveRepository(folder, await keptPort(HOME, 'example'));
  endings.add("the example's repository", server.stop);
  const slipway = new Slipway(service);
  const projectId = await ensureProject(slipway, server.url);
  say(`Deploying the example ${EXAMPLE.name} (${server.url}):\n`);
  return deployExample(slipway, projectId, say);
}

function introduce({ say }: RunSetting, { deployed }: Ground, access: Access): void {
  say(`
  API    ${deployed.outputs.ApiUrl}/v1
  Token  ${access.admin}

Try in another terminal, in this folder (the command line finds this service by itself):
  npx slipway projects
  npx slipway deploy --project ${EXAMPLE.name} --follow
  npx slipway list
`);
}
