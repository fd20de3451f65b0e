import type { LogEnd, LogLine } from '../domain/log.ts';
import { type LineFilter, mayMatch } from '../domain/log-filter.ts';
import { LogDamaged } from '../errors/logs.ts';
import { once } from '../platform/once.ts';
import type { StoreContext } from './context.ts';
import { getItem, queryPage } from './engine.ts';
import { logChunkKey } from './keys.ts';
import { lastChunks } from './log-chain.ts';
import { fromChunkItem, fromHeadItem, HEAD_ATTRIBUTES, type LogChunk, type LogHead } from './log-chunk.ts';
import { hex } from './log-hash.ts';
import { chunkBefore } from './log-marks.ts';
import type { LogQuery, LogSegment, LogSegments } from './log-segments.ts';

/** Pages of the database that one read looks through for lines that pass a filter. */
const MOST_PAGES = 5;
/** Pages that finding a line may take: more only for chains of a million chunks. */
const MOST_SEEKS = 50;
/** The last chunks: what a follower wants stands in them nearly always. */
const RECENT = 2;

/** A chunk is not where it should be: it has expired, or it was lost. */
export class ChainBroken extends LogDamaged {}

/** The chunks of a chain, a page at a time. */
export class ChainSegments implements LogSegments {
  readonly #ctx: StoreContext;
  readonly #deploymentId: string;
  readonly #query: LogQuery;
  /** Chunks asked for at once; a page is a megabyte at most, whatever is asked for. */
  readonly #pageSize: number;
  #end: LogEnd | undefined;
  /** True as long as no chunk was seen. */
  empty = true;
  /** True once the last chunk was seen and is no end marker. */
  unfinished = false;

  constructor(ctx: StoreContext, deploymentId: string, query: LogQuery) {
    this.#ctx = ctx;
    this.#deploymentId = deploymentId;
    this.#query = query;
    this.#pageSize =
      query.filter === undefined ? Math.min(40, Math.max(8, Math.ceil(query.limit / 25))) : 100;
  }

  end(): LogEnd | undefined {
    return this.#end;
  }

  async *ascending(line: number): AsyncGenerator<ChainSegment> {
    if (line <= 1) return yield* this.#forward(1, 1);
    const recent = await this.#recent();
    const [last, oldest] = [recent[0], recent.at(-1)];
    if (last === undefined || oldest === undefined) return;
    if (line >= oldest.first) yield* recent.toReversed();
    else yield* this.#forward(chunkBefore(last.marks, line), line, last.marks.every);
  }

  async *descending(line: number): AsyncGenerator<ChainSegment> {
    const recent = await this.#recent();
    const [last, oldest] = [recent[0], recent.at(-1)];
    if (last === undefined || oldest === undefined) return;
    if (line >= oldest.first) {
      yield* recent;
      yield* this.#back(oldest.chunk - 1);
      return;
    }
    // Marks lead to a chunk before all that is wanted: from there forward to the line, then back.
    const ahead: ChainSegment[] = [];
    const start = chunkBefore(last.marks, Math.max(1, line - this.#query.limit));
    const skip = chunkBefore(last.marks, line) + last.marks.every - start;
    for await (const chunk of this.#forward(start, 1, skip)) {
      ahead.push(chunk);
      if (!holds(chunk, line)) continue;
      yield* ahead.toReversed();
      yield* this.#back(start - 1);
      return;
    }
    // Too much stands between: the chunk of the line is sought without what is before it.
    for await (const chunk of this.#forward(chunkBefore(last.marks, line), line, last.marks.every)) {
      yield* this.#back(chunk.chunk);
      return;
    }
  }

  async #recent(): Promise<LogChunk[]> {
    const chunks = await lastChunks(this.#ctx, this.#deploymentId, RECENT);
    for (const chunk of chunks) this.#look(chunk);
    this.#sawLast();
    return chunks;
  }

  /** Chunks from this one on, those that end before `line` left out; `skip` of them are expected to be. */
  async *#forward(start: number, line: number, skip = 0): AsyncGenerator<ChainSegment> {
    let expected = start;
    let pages = 0;
    for (let seeks = 0; pages < MOST_PAGES && seeks < MOST_SEEKS; seeks += 1) {
      const page = await this.#page(expected, 'asc', this.#pageSize + (pages === 0 ? skip : 0));
      if (page.chunks.length === 0 && expected === start && start > 1) throw this.#broken(start);
      for (const chunk of page.chunks) {
        if (chunk.chunk !== expected) throw this.#broken(expected);
        expected += 1;
        this.#look(chunk);
        if (chunk.first + chunk.count > line) yield chunk;
      }
      const last = page.chunks.at(-1);
      if (last === undefined || !page.more) return this.#sawLast();
      if (last.lines >= line) pages += 1;
    }
  }

  /** Chunks from this one back to the first. */
  async *#back(start: number): AsyncGenerator<ChainSegment> {
    let expected = start;
    for (let pages = 0; pages < MOST_PAGES && expected > 0; pages += 1) {
      const page = await this.#page(expected, 'desc', this.#pageSize);
      for (const chunk of page.chunks) {
        if (chunk.chunk !== expected) throw this.#broken(expected);
        expected -= 1;
        this.#look(chunk);
        yield chunk;
      }
      if (expected > 0 && !page.more) throw this.#broken(expected);
    }
  }

  async #page(from: number, order: 'asc' | 'desc', limit: number) {
    const { pk, sk } = logChunkKey(this.#deploymentId, from);
    const heads = passesOverHeads(this.#query.filter);
    const page = await queryPage(this.#ctx, {
      table: 'live',
      where: {
        expression: `pk = :pk AND sk ${order === 'asc' ? '>=' : '<='} :sk`,
        values: { ':pk': pk, ':sk': sk },
      },
      order,
      limit,
      consistent: true,
      only: heads ? HEAD_ATTRIBUTES : undefined,
    });
    const chunks = heads ? this.#withLines(page.items.map(fromHeadItem)) : page.items.map(fromChunkItem);
    return { chunks, more: page.next !== undefined };
  }

  /** Heads whose lines are fetched when they are asked for: those that the filter lets through, some at a time. */
  #withLines(heads: readonly LogHead[]): readonly ChainSegment[] {
    const { filter } = this.#query;
    const wanted = filter === undefined ? heads : heads.filter((head) => mayMatch(filter, head));
    const groups = new Map<number, () => Promise<ReadonlyMap<number, readonly LogLine[]>>>();
    for (let at = 0; at < wanted.length; at += AT_A_TIME) {
      const numbers = wanted.slice(at, at + AT_A_TIME).map(({ chunk }) => chunk);
      const fetched = once(
        async () => new Map(await Promise.all(numbers.map((number) => this.#lines(number)))),
      );
      for (const number of numbers) groups.set(number, fetched);
    }
    return heads.map((head) => ({
      ...head,
      read: async () => (await groups.get(head.chunk)?.())?.get(head.chunk) ?? [],
    }));
  }

  async #lines(chunk: number): Promise<readonly [number, readonly LogLine[]]> {
    const item = await getItem(this.#ctx, logChunkKey(this.#deploymentId, chunk), { table: 'live' });
    if (item === undefined) throw this.#broken(chunk);
    return [chunk, fromChunkItem(item).read()];
  }

  #look(chunk: LogHead): void {
    this.empty = false;
    if (chunk.expiresAt * 1000 <= this.#ctx.clock.now()) throw this.#broken(chunk.chunk);
    if (chunk.ended) this.#end = { lines: chunk.lines, hash: hex(chunk.hash) };
  }

  #sawLast(): void {
    this.unfinished = this.#end === undefined;
  }

  #broken(chunk: number): ChainBroken {
    return new ChainBroken(`The log of ${this.#deploymentId} has lost chunk ${chunk}.`, {
      facts: { deploymentId: this.#deploymentId, chunk },
    });
  }
}

const holds = ({ first, count }: LogSegment, line: number) => first <= line && line < first + count;

/** A chunk whose lines may still have to be fetched. */
type ChainSegment = LogHead & LogSegment;

/** Lines that are fetched together, for a filter that lets through one chunk here and one there. */
const AT_A_TIME = 10;

/** A text may stand in any chunk; whatever else is asked for, the heads say in which it does not. */
const passesOverHeads = (filter: LineFilter | undefined): boolean => {
  const { search: _search, ...others } = filter ?? {};
  return Object.values(others).some((value) => value !== undefined);
};
