import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwrap } from '../../client/src/result.ts';
import { Slipway } from '../../client/src/slipway.ts';
import type { LogLineView } from '../../shared/contracts/logs.ts';
import { siteRepository } from '../support/site-repository.ts';
import { startSlipway } from '../support/slipway.ts';
import { openSocket } from '../support/socket-client.ts';
import { atMost, type Figure, median } from './figure.ts';

const ROUNDS = 10;
/** Deployments before the measured ones: every function has started, and the runner has cloned once. */
const WARM_UP = 2;
const BOUND_MS = 2000;
/** What the build command prints. */
const FIRST = 'the first line of the build';

/**
 * From the answer that accepts a request until a viewer at a WebSocket has the first line that the build command
 * prints: gate, offer, claim, clone, process, post, push. The runner is idle; the median of ten deployments.
 */
export async function run(): Promise<Figure[]> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const slipway = startSlipway({ dir });
  try {
    const { url, websocketUrl, token } = await slipway.running();
    await slipway.printed('is live:');
    return await measured({ url, websocketUrl, token });
  } finally {
    await slipway.interrupt();
    await rm(dir, { recursive: true, force: true });
  }
}

interface Service {
  readonly url: string;
  readonly websocketUrl: string;
  readonly token: string;
}

async function measured(service: Service): Promise<Figure[]> {
  const { projects, environments } = new Slipway(service);
  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>quick</h1>' });
  const project = unwrap(
    await projects.create({
      name: 'first-line',
      target: { kind: 'site' },
      repository: { url: repository.url },
      build: { buildCommand: `echo ${FIRST}`, outputDirectory: '.' },
    }),
  );
  const [environment] = unwrap(await environments.list(project.id)).items;
  const times: Times[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const took = await timesOf(service, project.id, environment?.name ?? '');
    if (round >= WARM_UP) times.push(took);
  }
  const build = times.map((each) => each.build);
  const worst = Math.round(Math.max(...build));
  return [
    atMost(
      'from acceptance to the first line of the runner',
      median(times.map(({ runner }) => runner)),
      BOUND_MS,
      'ms',
    ),
    atMost(
      `from acceptance to the first line of the build command (slowest ${worst} ms)`,
      median(build),
      BOUND_MS,
      'ms',
    ),
  ];
}

interface Times {
  /** The runner's own first line: it begins to clone. */
  readonly runner: number;
  readonly build: number;
}

async function timesOf(service: Service, projectId: string, environment: string): Promise<Times> {
  const { deployments } = new Slipway(service);
  const viewer = await openSocket(service.websocketUrl, { authorization: `Bearer ${service.token}` });
  try {
    const { id } = unwrap(await deployments.start({ projectId, environment }));
    const acceptedAt = Date.now();
    viewer.send({ action: 'subscribe', topic: `deployment:${id}`, after: 0 });
    const seenAt = async (wanted: (line: LogLineView) => boolean) => {
      const shows = (frame: (typeof viewer.frames)[number]['frame']) =>
        frame.type === 'log' && frame.data.lines.some(wanted);
      await viewer.until(shows);
      return (viewer.frames.find(({ frame }) => shows(frame))?.at ?? Number.NaN) - acceptedAt;
    };
    const times = {
      runner: await seenAt(({ step }) => step === 'clone'),
      build: await seenAt(({ message }) => message === FIRST),
    };
    const ended = unwrap(await deployments.waitFor(id));
    if (ended.status !== 'succeeded') throw new Error(`${id} ended ${ended.status}: ${ended.error?.message}`);
    return times;
  } finally {
    viewer.close();
  }
}
