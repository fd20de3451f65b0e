import type { LineFilter } from '../../shared/domain/log-filter.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { deploymentTopic, framesOfLines, frameText, statusOf } from '../../shared/platform/frames.ts';
import { requireDeployment } from '../../shared/store/deployments.ts';
import { readLines } from '../../shared/store/log-read.ts';
import type { ReadDeps } from '../reads/deps.ts';
import { isComplete } from '../reads/log-page.ts';
import { logSource } from '../reads/log-source.ts';
import type { EventId, Seen } from './event-id.ts';

/** An event: the frame that a socket would get. */
export interface DeploymentEvent {
  readonly type: 'status' | 'log' | 'end' | 'error';
  readonly frame: string;
  readonly id: EventId;
}

/** Lines read at a time. */
const PAGE_LINES = 1000;
/** A slice that has this much (bytes of frames, as the answer carries them) is full: a function answers with 6 MB at the most. */
const FULL_BYTES = 2_000_000;
/** Reads that find something to pass over, in one slice: each is five pages of the database at the most. */
const MOST_READS = 8;
/** The record is looked at with every second look for lines. */
const RECORD_EVERY = 2;

/** What happens to a deployment, in order: each look gives what came since the one before. */
export class EventLog {
  readonly #deps: ReadDeps;
  readonly #filter: LineFilter | undefined;
  readonly #topic: string;
  readonly #signal: AbortSignal;
  #deployment: Deployment;
  #seen: Seen;
  #looks = 0;
  #reads = 0;
  #events: DeploymentEvent[] = [];

  constructor(
    deps: ReadDeps,
    deployment: Deployment,
    from: Seen,
    { filter, signal }: { readonly filter: LineFilter | undefined; readonly signal: AbortSignal },
  ) {
    this.#deps = deps;
    this.#signal = signal;
    this.#deployment = deployment;
    this.#topic = deploymentTopic(deployment.id);
    this.#seen = from;
    this.#filter = filter;
  }

  /** Up to where everything is told; a filter passes over lines without an event. */
  get seen(): Seen {
    return this.#seen;
  }

  /** One request has read enough, if only to pass over it: the next slice goes on there. */
  get isFull(): boolean {
    return this.#reads >= MOST_READS;
  }

  async look(): Promise<readonly DeploymentEvent[]> {
    this.#events = [];
    if (this.#looks > 0 && this.#looks % RECORD_EVERY === 0) await this.#readRecord();
    this.#looks += 1;
    this.#status();
    await this.#lines();
    return this.#events;
  }

  async #readRecord(): Promise<void> {
    this.#deployment = await requireDeployment(this.#deps.store, this.#deployment.id);
  }

  #status(): void {
    const { revision } = this.#deployment;
    if (revision <= this.#seen.revision) return;
    this.#seen = { ...this.#seen, revision };
    const data = statusOf(this.#deployment);
    this.#add('status', frameText('status', this.#topic, data, this.#now(), revision));
  }

  async #lines(): Promise<void> {
    const { store } = this.#deps;
    const { id } = this.#deployment;
    const source = logSource(this.#deps, this.#deployment);
    let bytes = 0;
    while (!this.isFull && bytes < FULL_BYTES && !this.#signal.aborted) {
      const after = this.#seen.line;
      const query = { place: { after }, limit: PAGE_LINES, filter: this.#filter };
      const read = await readLines(store, id, query, source);
      if (read.lines.length > 0) {
        const range = { first: after + 1, last: read.through };
        for (const { text, last } of framesOfLines(id, read.lines, range, this.#now())) {
          // The answer is JSON around JSON: what is escaped in a frame is escaped once more.
          bytes += Buffer.byteLength(JSON.stringify(text));
          this.#seen = { ...this.#seen, line: last };
          this.#add('log', text);
          if (bytes >= FULL_BYTES) return;
        }
      }
      if (read.through > after) this.#seen = { ...this.#seen, line: read.through };
      if (read.end !== undefined && isComplete(read)) return this.#end(read.end);
      if (read.through <= after) return;
      this.#reads += 1;
    }
  }

  async #end(end: { readonly lines: number; readonly hash: string }): Promise<void> {
    await this.#readRecord();
    this.#status();
    const { status } = this.#deployment;
    const frame = frameText('end', this.#topic, { ...end, status }, this.#now());
    this.#events.push({ type: 'end', frame, id: { ...this.#seen, ended: true } });
  }

  #add(type: DeploymentEvent['type'], frame: string): void {
    this.#events.push({ type, frame, id: this.#seen });
  }

  #now(): number {
    return this.#deps.store.clock.now();
  }
}
