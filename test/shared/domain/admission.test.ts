import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Admission,
  type Arrival,
  decideAdmission,
  drawTicket,
  inOrder,
  isSuperseded,
  MAX_WAITING,
  placeIn,
} from '../../../shared/domain/admission.ts';
import { CONCURRENCIES, type Slot, type Waiter } from '../../../shared/domain/records.ts';

const free: Slot = { projectId: 'prj_1', environment: 'production', fence: 3, line: 7 };
const owned: Slot = { ...free, owner: 'dep_owner', since: 'then', reason: 'deploy' };
const waiter = (ticket: number, priority: 0 | 1 = 1): Waiter => ({
  projectId: 'prj_1',
  environment: 'production',
  deploymentId: `dep_${ticket}`,
  ticket,
  priority,
  since: 'then',
});
const line = (length: number) => Array.from({ length }, (_, i) => waiter(i + 1));

const arrival = (given: Partial<Arrival>): Arrival => ({
  concurrency: 'queue',
  slot: owned,
  line: [],
  type: 'deploy',
  waitsOutside: false,
  ...given,
});

describe('a new deployment', () => {
  const cases: [string, Partial<Arrival>, Admission][] = [
    ['takes a free slot that nobody waits for', { slot: free }, { kind: 'take' }],
    ['takes it under `reject` too', { slot: free, concurrency: 'reject' }, { kind: 'take' }],
    ['joins where somebody waits, though the slot is free', { slot: free, line: line(1) }, { kind: 'join' }],
    [
      'joins there under `reject` too, which counts owners only',
      { slot: free, line: line(1), concurrency: 'reject' },
      { kind: 'join' },
    ],
    ['joins behind an owner', {}, { kind: 'join' }],
    [
      'is refused by an owner under `reject`',
      { concurrency: 'reject' },
      { kind: 'reject', owner: 'dep_owner' },
    ],
    ['is refused by a full line', { line: line(MAX_WAITING) }, { kind: 'reject' }],
    ['takes the last place of a line', { line: line(MAX_WAITING - 1) }, { kind: 'join' }],
    [
      'finds room where others lose theirs to it',
      { concurrency: 'supersede', line: line(90) },
      { kind: 'join' },
    ],
    [
      'finds room where those before it have lost theirs',
      { line: line(90), slot: { ...owned, superseded: { before: 80, by: 'dep_80' } } },
      { kind: 'join' },
    ],
    [
      'that has to wait for people stands in no line',
      { slot: free, waitsOutside: true },
      { kind: 'wait-outside' },
    ],
    [
      'of type rollback joins under `reject`, and a full line',
      { type: 'rollback', concurrency: 'reject', line: line(90) },
      { kind: 'join' },
    ],
  ];
  test.each(cases)('%s', (_fact, given, admission) => {
    expect(decideAdmission(arrival(given))).toEqual(admission);
  });
});

describe('the line', () => {
  test('has rollbacks first, then goes by number', () => {
    const sorted = [waiter(4), waiter(9, 0), waiter(2), waiter(7, 0)].sort(inOrder);
    expect(sorted.map(({ ticket }) => ticket)).toEqual([7, 9, 2, 4]);
  });

  test('gives positions 1, 2, 3 without a gap, whoever has left and whoever lost its place', () => {
    const tickets = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
    fc.assert(
      fc.property(tickets, fc.integer({ min: 0, max: 61 }), (numbers, before) => {
        const waiters = numbers.map((ticket) => waiter(ticket)).sort(inOrder);
        const slot: Slot = { ...owned, superseded: { before, by: 'dep_newest' } };
        const standing = waiters.filter((one) => !isSuperseded(one, slot));
        const places = standing.map(({ deploymentId }) => placeIn(slot, waiters, deploymentId));
        expect(places.map((place) => place?.position)).toEqual(standing.map((_, i) => i + 1));
        expect(places[0]?.behind).toBe(standing.length === 0 ? undefined : 'dep_owner');
        for (const [i, place] of places.slice(1).entries())
          expect(place?.behind).toBe(standing[i]?.deploymentId);
      }),
    );
  });

  test('gives each number once, and under `supersede` only the newest deploy keeps its place', () => {
    const starts = fc.array(
      fc.record({
        concurrency: fc.constantFrom(...CONCURRENCIES),
        type: fc.constantFrom('deploy' as const, 'rollback' as const),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(starts, (given) => {
        let slot: Slot = free;
        const waiters: Waiter[] = [];
        for (const { concurrency, type } of given) {
          const drawn = drawTicket(slot, { id: `dep_${waiters.length + 1}`, type }, concurrency);
          slot = drawn.slot;
          waiters.push(waiter(drawn.ticket, type === 'rollback' ? 0 : 1));
        }
        expect(waiters.map(({ ticket }) => ticket)).toEqual(given.map((_, i) => i + 1));
        const last = given.findLastIndex((one) => one.concurrency === 'supersede' && one.type === 'deploy');
        waiters.forEach((one, i) => {
          expect(isSuperseded(one, slot)).toBe(i < last && given[i]?.type === 'deploy');
        });
      }),
    );
  });

  test('shows one that lost its place where it stands until it has left, without those that lost theirs', () => {
    const slot: Slot = { ...owned, superseded: { before: 4, by: 'dep_4' } };
    expect(placeIn(slot, line(5), 'dep_2')).toEqual({ position: 1, behind: 'dep_owner' });
    expect(placeIn(slot, line(5), 'dep_5')).toEqual({ position: 2, behind: 'dep_4' });
  });

  test('has no place for who does not stand in it', () => {
    expect(placeIn(owned, line(3), 'dep_owner')).toBeUndefined();
  });
});
