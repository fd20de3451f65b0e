import { priceOf, type Units } from '../../shared/domain/cost.ts';
import type { Play, Played } from '../lifecycle/cost/play.ts';
import { played } from '../lifecycle/cost/played.ts';
import { atMost, type Figure } from './figure.ts';

const REFERENCE = { seconds: 600, lines: 5000, bursts: 100 };

/** The reference deployment, and one whose lines come one by one while people look on; dollars each. */
const PLAYS: readonly (Play & { readonly bound: number })[] = [
  { ...REFERENCE, name: 'nobody watches', viewers: 0, bound: 0.0006 },
  { ...REFERENCE, name: 'three watch', viewers: 3, bound: 0.001 },
  { ...REFERENCE, name: 'steady output, three watch', bursts: 5000, viewers: 3, bound: 0.015 },
];

/** What the control of a deployment of ten minutes and 5,000 lines costs, as its record says; in hundredths of a cent. */
export async function run(): Promise<Figure[]> {
  const results = played(PLAYS);
  return results.flatMap((one, i) => {
    const bound = PLAYS[i]?.bound ?? 0;
    process.stdout.write(`  ${one.name}: ${partsOf(one)}\n`);
    return [
      atMost(`control where ${one.name}`, one.cost.control * 1e4, bound * 1e4, '$/10,000'),
      atMost(`transitions where ${one.name}`, one.cost.transitions, 10, 'transitions'),
    ];
  });
}

/** What it is made of, the dearest first. */
function partsOf({ cost }: Played): string {
  const { usd: _usd, control, build: _build, ...counted } = cost;
  const parts = Object.entries(counted)
    .map(([name, count]) => ({ name, count, price: priceOf({ [name]: count } as Units) }))
    .filter(({ price }) => price > control / 200)
    .sort((a, b) => b.price - a.price);
  return parts
    .map(({ name, count, price }) => `${name} ${Math.round(count)} = ${(price * 1e4).toFixed(2)}`)
    .join(', ');
}
