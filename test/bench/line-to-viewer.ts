import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { WebSocket, WebSocketServer } from 'ws';
import { LogCursor } from '../../client/src/realtime/cursor.ts';
import { createJobLog } from '../../runner/log.ts';
import { runCommand } from '../../runner/process/command.ts';
import { Poster } from '../../runner/protocol/poster.ts';
import { serverFrame } from '../../shared/contracts/realtime.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { Publisher } from '../../shared/platform/sockets.ts';
import { claimedJob } from '../support/claimed-job.ts';
import { leftForWorkers } from '../support/viewers.ts';
import { sockets, watch } from '../support/watching.ts';
import { atLeast, atMost, type Figure } from './figure.ts';
import { HOPS, hop, stores } from './live/hops.ts';
import { type Ingest, ingestOn } from './live/ingest.ts';

const VIEWERS = 50;
const LINES = 1200;
const BOUND_MS = 350;
/** A build that says when it printed each line, about a hundred a second at moments of no pattern. */
const PRINTS = `let n=0;const next=()=>{console.log('at '+Date.now()+' line '+n);n+=1;if(n<${LINES})setTimeout(next,1+Math.random()*16)};next()`;

/**
 * From the moment at which a build prints a line, through the runner's pipe, masker and poster, HTTP, the real ingest and
 * a socket, to the callback of each of fifty viewers, the time in which lines gather included. Hops take what they take
 * on AWS. A stream is not on the way of a line.
 */
export async function run(): Promise<Figure[]> {
  const { quick, timed } = stores();
  const job = await claimedJob(quick);
  const ids = sockets(VIEWERS);
  await watch(quick, `deployment:${job.deployment.id}`, ids);
  await using crowd = await openViewers(ids);
  const publisher: Publisher = { store: timed, poster: crowd, fanOut: leftForWorkers() };
  await using service = await serve(ingestOn(publisher));
  await build(service.url, job);
  await crowd.quiet();
  const took = crowd.took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.ceil(took.length * share) - 1] ?? Number.NaN;
  const hops = `database ${HOPS.database}, HTTP ${HOPS.http}, post ${HOPS.post} ms`;
  return [
    atLeast(`lines that ${VIEWERS} viewers heard in order`, took.length, VIEWERS * LINES, 'lines'),
    atMost(`line to viewer, p99 (median ${at(0.5)} ms; ${hops})`, at(0.99), BOUND_MS, 'ms'),
  ];
}

/** Runs the build as the runner does: its output through the pipe into the log of the job. */
async function build(
  url: string,
  { jobKey, jobToken }: Awaited<ReturnType<typeof claimedJob>>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const poster = new Poster({
    base: `${url}/v1`,
    job: { jobKey, jobToken, beatEverySeconds: 15, unansweredLimitSeconds: 45 },
    clock: systemClock,
    random: systemRandom,
  });
  try {
    const log = createJobLog({
      poster,
      masked: ['a-secret-of-this-build'],
      clock: systemClock,
      outputBytes: 50 * 1024 * 1024,
      firstStep: 'build',
    });
    const output = log.command();
    await runCommand(
      { program: process.execPath, args: ['-e', PRINTS], cwd: folder, env: {} },
      {
        stdout: output.stdout,
        stderr: output.stderr,
        signal: AbortSignal.timeout(60_000),
        mark: jobKey,
        folder,
        clock: systemClock,
      },
    );
    output.end();
    // What is still gathered goes by itself, at the pace of the rest.
    await systemClock.sleep(1000);
  } finally {
    await poster.abandon();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Service extends AsyncDisposable {
  readonly url: string;
}

async function serve(ingest: Ingest): Promise<Service> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    await hop('http');
    const answer = await ingest(request.url ?? '', tokenOf(request), body);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const tokenOf = ({ headers }: IncomingMessage) => (headers.authorization ?? '').replace('Bearer ', '');
// A listening TCP server has a socket address; the string form is for pipes.
const portOf = (address: AddressInfo | string | null) => (address as AddressInfo).port;

interface Crowd extends AsyncDisposable {
  /** For each line and viewer (ms). */
  readonly took: number[];
  post: Publisher['poster']['post'];
  /** Resolves once nothing has come for a while. */
  quiet(): Promise<void>;
}

/** Sockets with somebody at the other end who follows the log as the SDK does. */
async function openViewers(ids: readonly string[]): Promise<Crowd> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const opened = new Map<string, WebSocket>();
  server.on('connection', (socket, { url = '' }) => opened.set(url.slice(1), socket));
  const took: number[] = [];
  let heardAt = 0;
  const viewers = ids.map((id) => {
    const socket = new WebSocket(`ws://127.0.0.1:${portOf(server.address())}/${id}`);
    const cursor = new LogCursor(0, false);
    socket.on('message', (data) => {
      heardAt = Date.now();
      const frame = serverFrame.parse(JSON.parse(String(data)));
      if (frame.type !== 'log') return;
      for (const { message } of cursor.frame(frame.data).lines) {
        const [, printed] = /^at (\d+) line/.exec(message) ?? [];
        if (printed !== undefined) took.push(Date.now() - Number(printed));
      }
    });
    return new Promise((resolve) => socket.once('open', resolve));
  });
  await Promise.all(viewers);
  return {
    took,
    post: async (id, data) => {
      await hop('post');
      opened.get(id)?.send(data);
      return 'sent';
    },
    quiet: async () => {
      do await systemClock.sleep(300);
      while (Date.now() - heardAt < 300);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
