import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advance } from '../../../shared/domain/progress.ts';
import {
  isTerminal,
  mayFollow,
  OPEN_STATUSES,
  STATUSES,
  type Status,
  TERMINAL_STATUSES,
} from '../../../shared/domain/status.ts';

/** Every pair that is allowed, written down once more by hand; every pair that is not here is refused. */
const ALLOWED: Readonly<Record<Status, string>> = {
  scheduled: 'scheduled created queued awaiting-approval held initializing canceling failed canceled timeout',
  created: 'created queued awaiting-approval held initializing canceling failed canceled timeout',
  queued: 'queued awaiting-approval held initializing canceling failed canceled timeout',
  'awaiting-approval': 'awaiting-approval queued held initializing canceling failed canceled timeout',
  held: 'held queued awaiting-approval initializing canceling failed canceled timeout',
  initializing: 'initializing building deploying canceling failed canceled timeout',
  building: 'building deploying canceling failed canceled timeout',
  deploying: 'deploying verifying canceling succeeded failed canceled timeout',
  verifying: 'verifying deploying canceling failed canceled timeout',
  canceling: 'canceling failed canceled timeout',
  succeeded: '',
  failed: '',
  canceled: '',
  timeout: '',
};

describe('the transition table', () => {
  const pairs = STATUSES.flatMap((from) => STATUSES.map((to) => [from, to] as const));

  test.each(pairs)('%s -> %s', (from, to) => {
    expect(mayFollow(from, to)).toBe(ALLOWED[from].split(' ').includes(to));
  });

  test('a terminal status is followed by nothing, not even by itself', () => {
    for (const ended of TERMINAL_STATUSES) {
      expect(isTerminal(ended)).toBe(true);
      expect(STATUSES.filter((to) => mayFollow(ended, to))).toEqual([]);
    }
  });

  test('from every open status a deployment can fail, be canceled and time out', () => {
    for (const open of OPEN_STATUSES) {
      expect(TERMINAL_STATUSES.filter((end) => mayFollow(open, end))).toEqual(
        expect.arrayContaining(['failed', 'canceled', 'timeout']),
      );
    }
  });

  test('only a deployment that is being deployed can succeed', () => {
    expect(OPEN_STATUSES.filter((open) => mayFollow(open, 'succeeded'))).toEqual(['deploying']);
  });

  test('any walk along the table ends where it meets a terminal status', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATUSES), { maxLength: 40 }), (wishes) => {
        let status: Status = 'created';
        let ended = false;
        for (const wish of wishes) {
          if (!mayFollow(status, wish)) continue;
          expect(ended).toBe(false);
          status = wish;
          ended = isTerminal(status);
        }
      }),
    );
  });
});

test('progress never falls and stays between 0 and 100', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100 }),
      fc.array(fc.double({ min: -50, max: 500, noNaN: true })),
      (start, reports) => {
        let shown = start;
        for (const report of reports) {
          const next = advance(shown, report);
          expect(next).toBeGreaterThanOrEqual(shown);
          expect(next).toBeLessThanOrEqual(100);
          shown = next;
        }
      },
    ),
  );
});
