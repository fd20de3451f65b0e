import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { LogCursor } from '../../client/src/realtime/cursor.ts';
import { serverFrame } from '../../shared/contracts/realtime.ts';
import { corpusLines } from '../support/corpus.ts';
import { createTables, SERVICE_TABLES } from '../support/tables.ts';
import { atLeast, atMost, type Figure } from './figure.ts';
import { clientOf } from './live/dynamodb-local/client.ts';
import { startDynamoDbLocal } from './live/dynamodb-local/start.ts';
import { batchOf } from './live/ingest.ts';
import { fromHandler } from './live/throughput-messages.ts';

/** Processes of the function, as Lambda would have them; two processors are busy with two. */
const PROCESSES = 2;
const DEPLOYMENTS = 16;
const EACH = DEPLOYMENTS / PROCESSES;
/** A runner that has more than it can get rid of posts as much at a time as it may. */
const BATCH_LINES = 2000;
const BATCHES = 30;
/** The first of them: code of ingest and of the database is loaded and warm after these. */
const WARMING = 6;
const LINE_BYTES = 77;
const LINES_A_SECOND = 100_000;
const MEMORY_MB = 128;
/** Without a limit the engine of Node collects garbage when it likes: it has to do with this much. */
const HEAP = ['--max-old-space-size=96', '--max-semi-space-size=16'];

/**
 * Lines from sixteen runners at once through the real handler of ingest and DynamoDB Local to a viewer each.
 * The clock stops when the last frame is with its viewer; then each log is looked at for whether it is whole.
 */
export async function run(): Promise<Figure[]> {
  const database = await startDynamoDbLocal();
  try {
    return await measured(database.endpoint);
  } finally {
    database.stop();
  }
}

async function measured(endpoint: string): Promise<Figure[]> {
  // Viewers have the same names in each process, so each has tables of its own.
  const make = () => createTables(clientOf(endpoint), SERVICE_TABLES);
  const tables = await Promise.all(Array.from({ length: PROCESSES }, make));
  const posts = Array.from({ length: BATCHES }, (_, i) => {
    const from = i * BATCH_LINES;
    return batchOf(
      from,
      Array.from({ length: BATCH_LINES }, (_, n) => lineOf(from + n)),
    );
  });
  const handlers = tables.map((own) => new Handler(endpoint, own));
  try {
    await Promise.all(handlers.map((handler) => handler.ready));
    await Promise.all(handlers.map((handler) => handler.post(posts.slice(0, WARMING))));
    const busyUs = () => handlers.reduce((sum, { busy }) => sum + busy, 0);
    const busyBefore = busyUs();
    const began = performance.now();
    await Promise.all(handlers.map((handler) => handler.post(posts.slice(WARMING))));
    const seconds = (performance.now() - began) / 1000;
    const lines = DEPLOYMENTS * (BATCHES - WARMING) * BATCH_LINES;
    const eachUs = (busyUs() - busyBefore) / lines;
    const seen = handlers.flatMap((handler) => handler.frames.map(linesIn));
    const memory = Math.max(...handlers.map((handler) => handler.memory)) / 2 ** 20;
    return [
      atLeast(
        `lines a second of ${LINE_BYTES} bytes, ${DEPLOYMENTS} deployments, ${PROCESSES} processes of ingest (${eachUs.toFixed(1)} µs of a processor each), DynamoDB Local`,
        lines / seconds,
        LINES_A_SECOND,
        'lines',
      ),
      atLeast(
        'lines that the viewer of each had in order',
        Math.min(...seen),
        BATCHES * BATCH_LINES,
        'lines',
      ),
      atMost('memory of a process of ingest', memory, MEMORY_MB, 'MB'),
    ];
  } finally {
    for (const handler of handlers) handler.stop();
  }
}

/** Text of recorded builds in lines of one length. */
const text = corpusLines('npm-build.log')
  .map(({ message }) => message)
  .join(' ')
  .replace(/[^\x20-\x7e]/g, '');
function lineOf(n: number): string {
  const at = (n * 61) % (text.length - LINE_BYTES);
  return text.slice(at, at + LINE_BYTES);
}

/** How many lines of a log a viewer has who is shown these frames. */
function linesIn(frames: readonly string[]): number {
  const cursor = new LogCursor(0, false);
  for (const frame of frames) {
    const parsed = serverFrame.parse(JSON.parse(frame));
    if (parsed.type === 'log') cursor.frame(parsed.data);
  }
  return cursor.at;
}

class Handler {
  readonly #process: ChildProcess;
  readonly #answers = new Map<number, (status: number) => void>();
  readonly #failed: Promise<never>;
  /** For the viewer of each deployment. */
  readonly frames: string[][] = Array.from({ length: EACH }, () => []);
  readonly ready: Promise<void>;
  /** The most that it needed, bytes. */
  memory = 0;
  /** How long it has used a processor for, µs. */
  busy = 0;

  constructor(endpoint: string, { records, live }: { readonly records: string; readonly live: string }) {
    const file = join(import.meta.dirname, 'live', 'handler.ts');
    this.#process = fork(file, [String(EACH), endpoint, records, live], {
      serialization: 'advanced',
      execArgv: HEAP,
    });
    this.#failed = new Promise((_, reject) => {
      this.#process.once('exit', (code) => reject(new Error(`A process of ingest ended with ${code}.`)));
    });
    this.#failed.catch(() => {});
    const ready = new Promise<void>((resolve) => {
      this.#process.on('message', (data) => {
        const message = fromHandler.parse(data);
        if (message.kind === 'ready') resolve();
        if (message.kind === 'frame') this.frames[message.job]?.push(message.frame);
        if (message.kind !== 'answer') return;
        this.busy = message.busy;
        this.memory = Math.max(this.memory, message.memory);
        this.#answers.get(message.job)?.(message.status);
      });
    });
    this.ready = Promise.race([ready, this.#failed]);
  }

  /** Each of its deployments posts these, one after the answer to the other. */
  async post(bodies: readonly string[]): Promise<void> {
    const all = this.frames.map(async (_, job) => {
      for (const body of bodies) {
        const answered = new Promise<number>((resolve) => this.#answers.set(job, resolve));
        this.#process.send({ job, body });
        const status = await Promise.race([answered, this.#failed]);
        if (status !== 200) throw new Error(`ingest answered ${status}`);
      }
    });
    await Promise.all(all);
  }

  stop(): void {
    this.#process.removeAllListeners('exit');
    this.#process.kill();
  }
}
