import { createHash } from 'node:crypto';
import type { Fault, Site } from '../lifecycle/cloud/faults.ts';

/** A fault to be played, with the scenario it is for. */
export interface Planned {
  readonly scenario: string;
  readonly fault: Fault;
}

/**
 * Every fault of a scenario: each call site (its first two calls and its last, which are those that differ in where
 * the deployment stands) with each kind that it can meet, once and until lifted.
 */
export function faultsOf(scenario: string, sites: readonly Site[]): Planned[] {
  const last = new Map<string, number>();
  for (const { name, n } of sites) last.set(name, Math.max(n, last.get(name) ?? 0));
  const planned: Planned[] = [];
  for (const { name, n, kinds } of sites) {
    const isLast = n === last.get(name);
    if (n > 2 && !isLast) continue;
    for (const kind of kinds) {
      planned.push({ scenario, fault: { site: name, n, kind, persistence: 'once' } });
      if (n === 1 || isLast)
        planned.push({ scenario, fault: { site: name, n, kind, persistence: 'until-lifted' } });
    }
  }
  return planned;
}

export const nameOf = ({ scenario, fault }: Planned): string =>
  `${scenario}: ${fault.kind} ${fault.persistence} at ${fault.site} #${fault.n}`;

const digestOf = (text: string) => createHash('sha256').update(text).digest().readUInt32BE(0);

/** A number of the run's own, so that its ids are no other run's. */
export const seedOf = (text: string): number => digestOf(text);

/**
 * At most so many, always the same ones. First one for each way in which each call can go wrong, whatever the scenario,
 * then one for each scenario besides, then the rest: what is left out is what is most like something that is played.
 */
export function chosenFrom(planned: readonly Planned[], most: number): Planned[] {
  const seen = new Set<string>();
  const isFirst = (kind: string) => seen.size < seen.add(kind).size;
  const round = ({ scenario, fault: { site, kind, persistence } }: Planned) => {
    if (isFirst(`${site} ${kind} ${persistence}`)) return 0;
    return isFirst(`${scenario}: ${site} ${kind}`) ? 1 : 2;
  };
  const rounds: Planned[][] = [[], [], []];
  for (const one of shuffled(planned)) rounds[round(one)]?.push(one);
  return shuffled(rounds.flat().slice(0, most));
}

/** In an order that mixes scenarios and kinds, always the same. */
const shuffled = (planned: readonly Planned[]): Planned[] =>
  planned
    .map((one) => ({ one, place: digestOf(`order ${nameOf(one)}`) }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one);
