import type { SQSRecord } from 'aws-lambda';
import { handleMessages } from '../../functions/fan-out/handle.ts';
import { pacer } from '../../functions/fan-out/pace.ts';
import { postAnswer } from '../../shared/contracts/job-posts.ts';
import { WORKER_POSTS_A_SECOND, WORKERS } from '../../shared/domain/audience.ts';
import { POSTS_A_SECOND } from '../../shared/domain/flush.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import type { Publisher } from '../../shared/platform/sockets.ts';
import { placeOf } from '../../shared/store/keys.ts';
import { claimedJob } from '../support/claimed-job.ts';
import { quietLog } from '../support/given.ts';
import { sockets, watch } from '../support/watching.ts';
import { atLeast, atMost, type Figure, median } from './figure.ts';
import { hop, stores } from './live/hops.ts';
import { batchOf, type Ingest, ingestOn } from './live/ingest.ts';

const VIEWERS = 10_000;
const FRAMES = 3;
const LINES = 100;
/** Batches of a deployment that one person watches, for comparison. */
const ALONE = 10;
const FRAME_MS = 6500;

/**
 * Ten thousand viewers of one deployment: real ingest, real workers, as many of them as infra allows, on a queue and
 * sockets that take the time of AWS's. The producer keeps the pace that it is told.
 */
export async function run(): Promise<Figure[]> {
  const { quick, timed } = stores();
  const crowd = await claimedJob(quick);
  // In the order of their places, so that the engine in memory need not sort them anew for each query.
  const ids = sockets(VIEWERS).sort((a, b) => placeOf(a) - placeOf(b));
  await inTurns(ids, 500, (some) => watch(quick, `deployment:${crowd.deployment.id}`, some));
  const alone = await claimedJob(quick);
  await watch(quick, `deployment:${alone.deployment.id}`, ['alone']);
  const posts: Post[] = [];
  const publisher: Publisher = {
    store: timed,
    poster: {
      post: async (viewer, data) => {
        const at = performance.now();
        await hop('post');
        posts.push({ viewer, seq: seqOf(data), at, done: performance.now() });
        return 'sent';
      },
    },
    fanOut: { send: async () => {} },
  };
  const working = workers(publisher);
  const ingest = ingestOn({ ...publisher, fanOut: working });
  const one = await paced(ingest, alone, ALONE);
  posts.length = 0;
  const many = await paced(ingest, crowd, FRAMES);
  await working.idle();
  return figures(one, many, posts);
}

/** Frames are read once, not for each of those who get them. */
const seqs = new Map<string, number>();
function seqOf(frame: string): number {
  const known = seqs.get(frame);
  if (known !== undefined) return known;
  // The service's own frames.
  const { seq } = JSON.parse(frame) as { seq: number };
  seqs.set(frame, seq);
  return seq;
}

interface Post {
  readonly viewer: string;
  /** Number of the frame's first line. */
  readonly seq: number;
  readonly at: number;
  readonly done: number;
}

interface Flush {
  readonly seq: number;
  readonly at: number;
  readonly answeredMs: number;
}

/** Posts batches of one job, each as soon as the answer to the one before allows. */
async function paced(
  ingest: Ingest,
  { jobKey, jobToken }: Awaited<ReturnType<typeof claimedJob>>,
  count: number,
): Promise<Flush[]> {
  const flushes: Flush[] = [];
  // The first batch finds the job and the log unknown, and the service does not know the pace yet.
  for (let i = -1; i < count; i += 1) {
    const offset = (i + 1) * LINES;
    const messages = Array.from({ length: LINES }, (_, n) => `line ${offset + n} of what many people watch`);
    const at = performance.now();
    await hop('http');
    const { status, body } = await ingest(`/v1/jobs/${jobKey}/lines`, jobToken, batchOf(offset, messages));
    if (status !== 200) throw new Error(`ingest answered ${status}: ${body}`);
    const answeredMs = performance.now() - at;
    if (i >= 0) flushes.push({ seq: offset + 1, at, answeredMs });
    const { flushMs } = postAnswer.parse(JSON.parse(body));
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, at + flushMs - performance.now())));
  }
  return flushes;
}

/** The queue and its workers: as many messages at a time as the event source lets through. */
function workers(publisher: Publisher): Publisher['fanOut'] & { idle(): Promise<void> } {
  const waiting: string[] = [];
  const work = async (turn: () => Promise<void>): Promise<void> => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
      // Of a record the handler reads these two.
      const record = { body, messageId: 'bench' } as SQSRecord;
      const deps = { ...publisher, fanOut: self, turn, log: quietLog };
      const { batchItemFailures } = await handleMessages(deps, { Records: [record] }, {});
      if (batchItemFailures.length > 0) throw new Error('A worker failed.');
    }
  };
  const processes = Array.from({ length: WORKERS }, () => ({
    turn: pacer(systemClock, WORKER_POSTS_A_SECOND),
    busy: Promise.resolve(),
  }));
  const self = {
    send: async (messages: readonly object[]) => {
      await hop('queue');
      waiting.push(...messages.map((message) => JSON.stringify(message)));
      for (const one of processes) one.busy = one.busy.then(() => hop('queue')).then(() => work(one.turn));
    },
    idle: async () => {
      await Promise.all(processes.map(({ busy }) => busy));
    },
  };
  return self;
}

function figures(one: readonly Flush[], many: readonly Flush[], all: readonly Post[]): Figure[] {
  const frames = many.map(({ seq, at }) => {
    const posts = all.filter((post) => post.seq === seq);
    const counts = new Map<string, number>();
    for (const { viewer } of posts) counts.set(viewer, (counts.get(viewer) ?? 0) + 1);
    return { tookMs: Math.max(...posts.map(({ done }) => done)) - at, counts };
  });
  const perViewer = frames.flatMap(({ counts }) => [...counts.values()]);
  const reached = Math.min(...frames.map(({ counts }) => counts.size));
  const pace = (flushes: readonly Flush[]) => median(flushes.map(({ answeredMs }) => answeredMs));
  return [
    atMost(
      `a frame to ${VIEWERS} viewers, the slowest of ${FRAMES}`,
      Math.max(...frames.map(({ tookMs }) => tookMs)),
      FRAME_MS,
      'ms',
    ),
    atLeast('viewers that got each frame', reached, VIEWERS, 'viewers'),
    atMost('posts for a viewer and frame, at most', Math.max(...perViewer), 1, 'posts'),
    atMost('posts in the busiest second', busiestSecond(all), POSTS_A_SECOND, 'posts'),
    atMost(
      `ingest with ${VIEWERS} viewers (${pace(many).toFixed(0)} ms) / with one (${pace(one).toFixed(0)} ms)`,
      pace(many) / pace(one),
      1.2,
      'ratio',
    ),
  ];
}

function busiestSecond(posts: readonly Post[]): number {
  const times = posts.map(({ at }) => at).sort((a, b) => a - b);
  let first = 0;
  return times.reduce((most, at, i) => {
    while ((times[first] ?? at) <= at - 1000) first += 1;
    return Math.max(most, i - first + 1);
  }, 0);
}

async function inTurns(
  all: readonly string[],
  size: number,
  work: (some: readonly string[]) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < all.length; at += size) await work(all.slice(at, at + size));
}
