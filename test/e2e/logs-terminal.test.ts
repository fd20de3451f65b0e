import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { LogVerifier } from '../../client/src/logs/verify.ts';
import { unwrap } from '../../client/src/result.ts';
import { Slipway } from '../../client/src/slipway.ts';
import type { LogLineView } from '../../shared/contracts/logs.ts';
import { BIN, serviceAt } from '../support/command-line.ts';
import { heldBuild } from '../support/held-build.ts';
import { uniqueName } from '../support/scenario.ts';
import { Screen } from '../support/screen.ts';
import { siteRepository } from '../support/site-repository.ts';
import { startSlipway } from '../support/slipway.ts';
import { inTerminal } from '../support/terminal.ts';

/** Under IAM enforcement the API's address changes from start to start, so that nobody could find it again. */
const PLAIN = { SLIPWAY_ENFORCE_IAM: '0' };
/** Lines that the build prints while the service is there, and as many while it is not. */
const LINES = 1500;

async function folder(what: string): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), `slipway-${what}-`));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A service in a folder of its own, which is stopped and started again as a person does it. */
async function ownService() {
  const dir = await folder('e2e');
  const start = () => startSlipway({ dir, env: PLAIN });
  let now = start();
  onTestFinished(async () => void (await now.interrupt()));
  // A deployment that it begins by itself is not to be cut off.
  await now.printed('is live:');
  const { url, token } = await now.running();
  return {
    url,
    token,
    stop: () => now.interrupt(),
    start: async () => {
      now = start();
      await now.running();
    },
  };
}

/** A machine of the team's own that builds: it stays when the service goes. */
async function ownRunner({ url, token }: { url: string; token: string }): Promise<string> {
  const label = uniqueName('label');
  const made = unwrap(await new Slipway({ url, token }).runners.create({ name: label, label }));
  const options = ['--allow-schemes', 'file', '--work-dir', await folder('cellar')];
  const child: ChildProcess = spawn(process.execPath, [BIN, 'runner', 'start', '--', ...options], {
    env: {
      ...{ PATH: process.env['PATH'], HOME: '/nonexistent' },
      ...{ SLIPWAY_URL: url, SLIPWAY_RUNNER_TOKEN: made.token },
    },
    stdio: 'ignore',
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGINT');
    await ended;
  });
  return label;
}

async function started({ projects, deployments }: Slipway, label: string, buildCommand: string) {
  const repository = siteRepository();
  repository.commit({ 'public/index.html': '<h1>again</h1>' });
  const project = unwrap(
    await projects.create({
      name: label,
      target: { kind: 'site' },
      repository: { url: repository.url },
      settings: { runner: { kind: 'agent', label } },
      build: { buildCommand, outputDirectory: 'public' },
    }),
  );
  const request = { projectId: project.id, environment: 'production' };
  return unwrap(await deployments.start(request)).id;
}

/** All that the log holds, proven. */
async function provenLog({ deployments }: Slipway, id: string): Promise<LogLineView[]> {
  const lines: LogLineView[] = [];
  const verifier = new LogVerifier();
  for await (const event of deployments.events(id)) {
    if (event.kind === 'end') expect(verifier.agrees(event)).toBe(true);
    if (event.kind !== 'line') continue;
    lines.push(event.line);
    await verifier.add(event.line);
  }
  return lines;
}

it('slipway logs -f in a terminal goes on by itself when the service was stopped and started, without gap or repeat', async () => {
  const service = await ownService();
  const slipway = new Slipway(service);
  await using whileGone = await heldBuild();
  await using untilBack = await heldBuild();
  const print = (part: number) => `seq -f 'line %.0f of the build' ${part * LINES + 1} ${(part + 1) * LINES}`;
  const build = [print(0), whileGone.wait, print(1), untilBack.wait].join('; ');
  const id = await started(slipway, await ownRunner(service), build);

  const terminal = inTerminal([process.execPath, BIN, 'logs', '-f', id], {
    columns: 400,
    env: { HOME: '/nonexistent', NO_COLOR: '1', ...serviceAt(service.url), SLIPWAY_TOKEN: service.token },
  });
  onTestFinished(() => terminal.kill());
  await terminal.printed(`line ${LINES} of the build`);
  await service.stop();
  whileGone.release();
  await untilBack.reached;
  // Long enough to be noticed: every socket is gone, and nothing answers.
  await sleep(3_000);
  expect(terminal.output()).not.toContain(`line ${LINES + 1} of the build`);
  await service.start();
  untilBack.release();

  expect(await terminal.ended).toBe(0);
  const lines = await provenLog(slipway, id);
  expect(lines.filter(({ message }) => message.endsWith('of the build'))).toHaveLength(2 * LINES);
  const { status } = unwrap(await slipway.deployments.get(id));
  const shown = new Screen(400, 24).write(terminal.output()).text();
  expect(shown).toEqual([
    ...lines.map(({ step, message }) => `${step.padEnd(8)} ${message}`.trimEnd()),
    // How it ends depends on what became of its execution; the log is whole either way.
    `${status}: the log of ${id} has ended.`,
    '',
  ]);
  // Not a word about what it went through.
  expect(terminal.output()).not.toContain('out of reach');
}, 600_000);
