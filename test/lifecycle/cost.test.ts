import { beforeAll, describe, expect, test } from 'vitest';
import type { Play, Played } from './cost/play.ts';
import { played } from './cost/played.ts';

/** A tenth of the reference deployment (test/bench/cost.ts). */
const QUIET: Play = { name: 'quiet', seconds: 60, lines: 500, bursts: 10, viewers: 0 };
const PLAYS = [QUIET, { ...QUIET, name: 'watched', viewers: 3 }];

let quiet: Played;
let watched: Played;
beforeAll(() => {
  const [first, second] = played(PLAYS);
  if (first === undefined || second === undefined) throw new Error('Both were to be played.');
  [quiet, watched] = [first, second];
}, 300_000);

describe('what a green deployment costs', () => {
  test('stays within its budget of transitions and dollars', () => {
    expect(quiet).toMatchObject({ status: 'succeeded', cost: { transitions: 7, build: 0 } });
    expect(quiet.cost.control).toBeLessThan(0.00038);
    expect(watched.cost.control).toBeLessThan(0.00049);
    expect(quiet.cost.usd).toBe(quiet.cost.control);
  });

  test('is counted to the last: its record says what the cloud was asked for', () => {
    for (const { name, cost, spent } of [quiet, watched]) {
      for (const counter of ['writeUnits', 'readUnits', 'posts', 'requests', 'messages', 'puts'] as const)
        expect(Math.abs(cost[counter] - spent[counter]), `${name}: ${counter}`).toBeLessThanOrEqual(
          3 + 0.06 * spent[counter],
        );
      expect(cost.control / spent.control, name).toBeGreaterThan(0.97);
      expect(cost.control / spent.control, name).toBeLessThan(1.03);
    }
  });

  test('is with viewers what was posted to them, and no more writes', () => {
    expect(watched.heard.every((lines) => lines >= 500)).toBe(true);
    expect(quiet.cost.posts).toBe(0);
    expect(watched.cost.posts).toBeGreaterThan(3 * 10);
    expect(watched.cost.writeUnits - quiet.cost.writeUnits).toBeLessThan(30);
  });
});
