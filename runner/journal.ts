import { type Clock, isoTime } from '../shared/platform/clock.ts';

/** The runner's own log: one readable line per event on stderr, without secrets and without build output. */
export interface Journal {
  info(event: string, facts?: Facts): void;
  warn(event: string, facts?: Facts): void;
}

/** Ids, counts, codes. Values are shown as they are, so nothing secret may be passed. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

export function createJournal(clock: Clock, write: (line: string) => void): Journal {
  const at =
    (level: string) =>
    (event: string, facts: Facts = {}) =>
      write(`${isoTime(clock.now())} ${level.padEnd(4)} ${event}${shown(facts)}\n`);
  return { info: at('info'), warn: at('warn') };
}

function shown(facts: Facts): string {
  const pairs = Object.entries(facts).filter(([, value]) => value !== undefined);
  return pairs.map(([name, value]) => `  ${name}=${JSON.stringify(value)}`).join('');
}
