import {
  type CloudFrontKeyValueStoreClient,
  ConflictException,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  PutKeyCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
import { OutcomeUnknown } from '../../errors/deployments.ts';
import { PlatformUnavailable } from '../../errors/requests.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import { refusalOf } from './aws-errors.ts';

/** Every put of any site changes the store's one ETag; this many lost races in a row mean something is wrong. */
const MAX_ATTEMPTS = 20;
/** Wait between attempts: 20 ms, doubled up to this, with jitter. */
const MAX_WAIT_MS = 1000;

export interface KeyValuesDependencies {
  readonly client: CloudFrontKeyValueStoreClient;
  /** ARN of the key-value store that the viewer functions read. */
  readonly storeArn: string;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Change {
  readonly key: string;
  readonly signal: AbortSignal;
  /** What the key shall hold, given what it holds; undefined: it is right already. May throw to refuse. */
  decide(current: string | undefined): string | undefined;
  /** Asked right before each put; rejects where the caller may not change anything any more. */
  readonly mayPut?: (() => Promise<void>) | undefined;
}

/** A put that was sent and not answered. */
interface LostPut {
  readonly etag: string;
  readonly cause: unknown;
}

/** The CloudFront key-value store: strong reads, and writes that cannot overtake one another. */
export class KeyValues {
  readonly #deps: KeyValuesDependencies;

  constructor(dependencies: KeyValuesDependencies) {
    this.#deps = dependencies;
  }

  /** Undefined where the key is not there. Raises PlatformUnavailable or StageFailed (no permission). */
  async get(key: string, signal: AbortSignal): Promise<string | undefined> {
    const value = await this.#read(key, signal);
    // The service says the same of a missing key and of a missing store; only one of them means «nothing live».
    if (value === undefined) await this.#etag(signal);
    return value;
  }

  /**
   * One conditional write. The ETag is read before the value, so whatever changes after it makes the put fail,
   * and everything is looked at again. A put without an answer is simply tried again with what is read then:
   * if the lost one took effect, the value is right already; if it is still on the wire, only one can win.
   * Raises OutcomeUnknown where it cannot be told, after a put, what the key holds.
   */
  async change(change: Change): Promise<void> {
    let lost: LostPut | undefined;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const etag = await this.#known(change, lost, () => this.#etag(change.signal));
      // Another ETag: the lost put took effect, or it never can any more.
      if (etag !== lost?.etag) lost = undefined;
      const current = await this.#known(change, lost, () => this.#read(change.key, change.signal));
      const next = change.decide(current);
      if (next === undefined) return;
      await this.#known(change, lost, async () => change.mayPut?.());
      const answer = await this.#put(change, next, etag);
      if (answer === 'done') return;
      if (answer !== 'conflict') lost = { etag, cause: answer.unanswered };
      await this.#known(change, lost, () => this.#pause(attempt, change.signal));
    }
    throw this.#unknown(change.key, lost?.cause);
  }

  /** While a put is lost, whatever stops us from finding out leaves its outcome unknown. */
  async #known<T>(change: Change, lost: LostPut | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw lost === undefined ? error : this.#unknown(change.key, lost.cause);
    }
  }

  async #put(
    change: Change,
    value: string,
    etag: string,
  ): Promise<'done' | 'conflict' | { unanswered: unknown }> {
    try {
      await this.#deps.client.send(
        new PutKeyCommand({ KvsARN: this.#deps.storeArn, Key: change.key, Value: value, IfMatch: etag }),
        { abortSignal: change.signal },
      );
      return 'done';
    } catch (error) {
      if (error instanceof ConflictException) return 'conflict';
      const refusal = refusalOf(error);
      if (refusal !== undefined) throw refusal;
      return { unanswered: error };
    }
  }

  async #etag(signal: AbortSignal): Promise<string> {
    const command = new DescribeKeyValueStoreCommand({ KvsARN: this.#deps.storeArn });
    const answer = await this.#answered(() => this.#deps.client.send(command, { abortSignal: signal }));
    if (answer.ETag === undefined) throw this.#unavailable(undefined);
    return answer.ETag;
  }

  async #read(key: string, signal: AbortSignal): Promise<string | undefined> {
    const command = new GetKeyCommand({ KvsARN: this.#deps.storeArn, Key: key });
    return this.#answered(async () => {
      try {
        return (await this.#deps.client.send(command, { abortSignal: signal })).Value;
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    });
  }

  async #answered<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw refusalOf(error) ?? this.#unavailable(error);
    }
  }

  async #pause(attempt: number, signal: AbortSignal): Promise<void> {
    const limit = Math.min(20 * 2 ** attempt, MAX_WAIT_MS);
    await this.#deps.clock.sleep(limit * (0.5 + this.#deps.random.unit() / 2), signal);
  }

  #unavailable(cause: unknown): PlatformUnavailable {
    return new PlatformUnavailable(`The key-value store ${this.#deps.storeArn} cannot be read.`, { cause });
  }

  #unknown(key: string, cause: unknown): OutcomeUnknown {
    return new OutcomeUnknown(`It cannot be told whether the write to ${key} took effect.`, { cause });
  }
}
