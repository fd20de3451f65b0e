import type { Played } from './play.ts';

/** From so many lines on every way of hearing has to have been gone. */
const ENOUGH = 200_000;

const NOTHING: Omit<Played, 'seed'> = {
  lines: 0,
  lost: 0,
  repeated: 0,
  reordered: 0,
  leaked: 0,
  wrong: [],
  reconnects: 0,
  pushes: 0,
  pushesLost: 0,
  deaths: 0,
  ways: [],
};

/** Adds up what was played. */
export class Tally {
  all: Omit<Played, 'seed'> = NOTHING;
  readonly #since = process.hrtime.bigint();

  add(played: Played): void {
    const { all } = this;
    this.all = {
      lines: all.lines + played.lines,
      lost: all.lost + played.lost,
      repeated: all.repeated + played.repeated,
      reordered: all.reordered + played.reordered,
      leaked: all.leaked + played.leaked,
      wrong: [...all.wrong, ...played.wrong.map((what) => `seed ${played.seed}: ${what}`)],
      reconnects: all.reconnects + played.reconnects,
      pushes: all.pushes + played.pushes,
      pushesLost: all.pushesLost + played.pushesLost,
      deaths: all.deaths + played.deaths,
      ways: [...new Set([...all.ways, ...played.ways])].sort(),
    };
  }

  /** The last line that is printed. */
  get counts() {
    const { lines, lost, repeated, reordered, leaked } = this.all;
    return { lines, lost, repeated, reordered, leaked };
  }

  lineOf({ seed, lines, reconnects, deaths }: Played): string {
    return `seed ${seed}: ${lines} lines, ${reconnects} reconnects, ${deaths} deaths (after ${this.#seconds} s)`;
  }

  summary(): string {
    const { reconnects, pushes, pushesLost, deaths, ways } = this.all;
    const share = ((100 * pushesLost) / Math.max(1, pushes)).toFixed(2);
    return `${reconnects} reconnects, ${pushesLost} of ${pushes} pushes lost (${share} %), ${deaths} processes died; heard over ${ways.join(', ')}; ${this.#seconds} s.`;
  }

  /** A run in which too little happened proves nothing. */
  tooFew(lines: number, reconnects: number): string[] {
    const few: string[] = [];
    if (this.all.lines < lines) few.push(`only ${this.all.lines} lines were written`);
    if (this.all.reconnects < reconnects) few.push(`only ${this.all.reconnects} reconnects were made`);
    if (lines < ENOUGH) return few;
    for (const way of ['socket', 'slices', 'waiting', 'reads'])
      if (!this.all.ways.includes(way)) few.push(`nobody ever heard over ${way}`);
    return few;
  }

  get #seconds(): number {
    return Math.round(Number(process.hrtime.bigint() - this.#since) / 1e9);
  }
}

/** What may never be, in words. */
export function faultsOf({ lost, repeated, reordered, leaked, wrong }: Omit<Played, 'seed'>): string[] {
  const counted = Object.entries({ lost, repeated, reordered, leaked }).filter(([, count]) => count > 0);
  return [...counted.map(([what, count]) => `${count} ${what}`), ...wrong];
}
