import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RELEASE_STATES, STATUSES } from '../../shared/domain/status.ts';
import { ROOT, rowsOf } from './pages.ts';

const page = readFileSync(join(ROOT, 'docs/concepts.md'), 'utf8');
/** Rows of the table that maps statuses: theirs, status, release state. */
const mapping = rowsOf(page.slice(page.indexOf('Statuses of other tools'))).filter(
  (cells) => cells.length === 3,
);
const codeIn = (cell = '') => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, word = '']) => word);

describe('docs/concepts.md', () => {
  test('explains every status and every release state', () => {
    const words = [...STATUSES, ...RELEASE_STATES].filter((word) => !page.includes(`\`${word}\``));
    expect(words).toEqual([]);
  });

  test('maps words of other tools to statuses and release states that exist', () => {
    expect(mapping.length).toBeGreaterThan(10);
    const states: readonly string[] = RELEASE_STATES;
    for (const [theirs, , state] of mapping) {
      expect(
        codeIn(state).filter((word) => !states.includes(word)),
        theirs,
      ).toEqual([]);
    }
  });

  test('maps a word of other tools to every status that a deployment can have', () => {
    const mapped = mapping.flatMap(([, status]) => codeIn(status));
    // Statuses that nothing sets yet, or that no other tool has a word for.
    const unmapped = ['awaiting-approval', 'held', 'canceling'];
    expect(STATUSES.filter((status) => !mapped.includes(status)).sort()).toEqual(unmapped.sort());
  });
});
