import type { LogLineView, LogPage } from '../../../shared/contracts/logs.ts';
import { SlipwayFailure } from '../failure.ts';

/** What a frame brought, and what has to be done for what it did not bring. */
export interface Heard {
  readonly lines: readonly LogLineView[];
  /**
   * `hold`: something before it is missing, and may still come; else it has to be read. `read`: what is behind the cursor
   * has to be read as pages, now. `ask-again`: subscribe again, from the cursor.
   */
  readonly next: 'go-on' | 'hold' | 'ask-again' | 'read';
}

/** A range of lines, and those of them that passed the filter. */
export interface LogRange {
  readonly first: number;
  readonly last: number;
  readonly lines: readonly LogLineView[];
  readonly omitted?: readonly number[] | undefined;
}

export interface LogEnd {
  readonly lines: number;
  readonly hash: string;
}

/** Frames in a row that bring nothing, before what they wait for is read instead. */
const PATIENCE = 10;
/** Looks, without anything new in between, before lines that should be on their way count as lost. */
const GRACE = 2;
/** Frames that wait for what comes before them; more are as good as lost. */
const MOST_HELD = 50;
const NOTHING: Heard = { lines: [], next: 'go-on' };

/**
 * Puts what comes in over whatever way in its order: takes what follows the cursor, drops what is repeated, and says
 * what to do where something is missing. Knows nothing of sockets, so every way shares one cursor.
 */
export class LogCursor {
  #at: number;
  readonly #filtered: boolean;
  #end: LogEnd | undefined;
  /** Last line of the replay that the present subscription brings; unknown until the service confirms it. */
  #head: number | undefined;
  #passedOver = 0;
  /** What came too early, by its first line. */
  #held: readonly LogRange[] = [];
  /** How far the service said that the log goes, what the cursor was then, and how often that was looked at. */
  #owed:
    | { readonly head: number; readonly ended: boolean; readonly at: number; readonly looks: number }
    | undefined;

  constructor(after: number, filtered: boolean) {
    this.#at = after;
    this.#filtered = filtered;
  }

  /** Everything up to this line was given, or did not pass the filter. */
  get at(): number {
    return this.#at;
  }

  /** What the log ended with, once everything before it was given. */
  get end(): LogEnd | undefined {
    return this.#end !== undefined && this.#at >= this.#end.lines ? this.#end : undefined;
  }

  /** It is asked again from the cursor: what was on its way for earlier questions means nothing any more. */
  asked(): void {
    this.#head = undefined;
    this.#owed = undefined;
  }

  subscribed(head: number): void {
    this.#head = head;
  }

  /** Something came whose lines before it did not. */
  get hasGap(): boolean {
    return this.#held.some(({ last }) => last > this.#at) || (this.#end?.lines ?? 0) > this.#at;
  }

  /** Takes a frame, and those that waited for it. */
  frame(range: LogRange): Heard {
    let heard = this.#one(range);
    const lines = [...heard.lines];
    for (const early of this.#held) {
      if (heard.next !== 'go-on' || early.first > this.#at + 1) break;
      heard = this.#one(early);
      lines.push(...heard.lines);
    }
    this.#held = this.#held.filter(({ last }) => last > this.#at);
    return { lines, next: heard.next };
  }

  #one({ first, last, lines, omitted = [] }: LogRange): Heard {
    if (last <= this.#at) return NOTHING;
    if (first > this.#at + 1) {
      this.#hold({ first, last, lines, omitted });
      return this.#missing(first);
    }
    const fresh = lines.filter(({ n }) => n > this.#at);
    const isWhole = this.#filtered || fresh.length === last - this.#at;
    if (!isWhole || omitted.some((n) => n > this.#at)) return { lines: [], next: 'read' };
    this.#take(last);
    return { lines: fresh, next: 'go-on' };
  }

  /** The log is complete. */
  ended(end: LogEnd): Heard {
    this.#end = end;
    return this.end === undefined ? this.#missing(end.lines) : NOTHING;
  }

  /** A page that was read from the cursor on. @throws SlipwayFailure where it left lines out */
  page({ items, nextCursor, end }: LogPage): readonly LogLineView[] {
    const last = items.at(-1)?.n ?? this.#at;
    const through = Math.max(last, Number(nextCursor ?? end?.lines ?? last));
    if (!this.#filtered && items.some(({ n }, i) => n !== this.#at + 1 + i)) {
      throw new SlipwayFailure('unexpected', `The service left out lines behind line ${this.#at}.`);
    }
    if (end !== undefined) this.#end = end;
    this.#take(through);
    return items;
  }

  /** The service says how far the log goes by now. */
  goesTo(head: number, ended: boolean): void {
    const isOwed = head > this.#at || (ended && this.#end === undefined);
    this.#owed = isOwed ? { head, ended, at: this.#at, looks: 0 } : undefined;
  }

  /**
   * Asked from time to time: should lines be here that are not, and are they not on their way either? Then a push was
   * lost, and they are read.
   */
  overdue(): Heard['next'] {
    const owed = this.#owed;
    if (owed === undefined) return 'go-on';
    if (owed.at !== this.#at) this.goesTo(owed.head, owed.ended);
    else this.#owed = { ...owed, looks: owed.looks + 1 };
    if ((this.#owed?.looks ?? 0) < GRACE) return 'go-on';
    this.#owed = undefined;
    return 'read';
  }

  #hold(range: LogRange): void {
    if (this.#held.length >= MOST_HELD) return;
    this.#held = [...this.#held, range].sort((a, b) => a.first - b.first);
  }

  #take(through: number): void {
    this.#at = through;
    this.#passedOver = 0;
  }

  /**
   * Lines before line `first` are not here. A live frame may overtake the replay: then they are on their way, and it
   * only waits. Otherwise another frame did, or a push was lost.
   */
  #missing(first: number): Heard {
    const hasOvertaken = this.#head === undefined || (this.#at < this.#head && first > this.#head);
    if (!hasOvertaken) return { lines: [], next: 'hold' };
    this.#passedOver += 1;
    if (this.#passedOver < PATIENCE) return NOTHING;
    this.#passedOver = 0;
    return { lines: [], next: 'read' };
  }
}
