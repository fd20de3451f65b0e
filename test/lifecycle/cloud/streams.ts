import type { Change } from './dynamo/table.ts';
import type { Functions } from './lambda.ts';
import type { Timeline } from './timeline.ts';

interface StreamRecord {
  readonly number: number;
  readonly change: Change;
}

/** Records of one batch (infra: events.ts). */
const BATCH = 25;
/** Attempts of a batch, with the first; then what fails is left (infra: events.ts). */
const ATTEMPTS = 6;
/** Between a write and its batch, and between attempts (ms). */
const DELAY_MS = 150;

/** The stream of a table, read in order by one function, as an event source mapping reads it: at least once. */
export class Stream {
  readonly #timeline: Timeline;
  readonly #functions: Functions;
  readonly #name: string;
  #waiting: StreamRecord[] = [];
  #busy = false;
  #number = 0;
  #attempt = 1;
  /** False: the mapping is off; what is written meanwhile is lost to it, as after too many failures. */
  works = true;
  /** Delivers a batch a second time; a simulation switches it on. */
  again: () => boolean = () => false;
  isWanted: (change: Change) => boolean = () => true;

  constructor(timeline: Timeline, functions: Functions, name: string) {
    this.#timeline = timeline;
    this.#functions = functions;
    this.#name = name;
  }

  get isIdle(): boolean {
    return !this.#busy && this.#waiting.length === 0;
  }

  add(change: Change): void {
    if (!this.works || !this.isWanted(change)) return;
    this.#number += 1;
    this.#waiting.push({ number: this.#number, change });
    if (!this.#busy) this.#soon();
  }

  #soon(): void {
    this.#busy = true;
    this.#timeline.in(DELAY_MS, () => void this.#deliver());
  }

  async #deliver(): Promise<void> {
    const batch = this.#waiting.slice(0, BATCH);
    const failed = await this.#call(batch);
    if (failed === undefined) {
      this.#drop(batch.length);
    } else if (this.#attempt >= ATTEMPTS) {
      this.#drop(batch.findIndex(({ number }) => String(number) === failed) + 1);
    } else {
      this.#attempt += 1;
      this.#waiting = this.#waiting.slice(
        Math.max(
          0,
          batch.findIndex(({ number }) => String(number) === failed),
        ),
      );
    }
    if (this.#waiting.length > 0) this.#soon();
    else this.#busy = false;
  }

  #drop(count: number): void {
    this.#waiting = this.#waiting.slice(Math.max(count, 1));
    this.#attempt = 1;
  }

  /** The first record that was not relayed; undefined where all were. */
  async #call(batch: readonly StreamRecord[]): Promise<string | undefined> {
    const event = { Records: batch.map(recordOf) };
    try {
      if (this.again()) await this.#functions.invoke(this.#name, event, 'relay').catch(() => undefined);
      const answer = await this.#functions.deliver('stream', this.#name, event, 'relay');
      // The form that every handler of a stream answers with.
      const { batchItemFailures = [] } = (answer ?? {}) as {
        batchItemFailures?: { itemIdentifier: string }[];
      };
      const numbers = batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier));
      return numbers.length === 0 ? undefined : String(Math.min(...numbers));
    } catch {
      return String(batch[0]?.number);
    }
  }
}

const recordOf = ({ number, change: { key, before, after } }: StreamRecord) => ({
  eventID: `event-${number}`,
  eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
  dynamodb: {
    Keys: { pk: { S: key.pk }, sk: { S: key.sk } },
    ...(before === undefined ? {} : { OldImage: before }),
    ...(after === undefined ? {} : { NewImage: after }),
    SequenceNumber: String(number),
  },
});
