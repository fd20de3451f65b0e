import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { table } from '../../../client/src/cli/output.ts';
import { visibleWidth } from '../../../client/src/cli/visible.ts';

const terminal = (columns: number, interactive: boolean) => ({
  ...{ json: false, interactive, colors: false, columns, out: () => {}, err: () => {} },
});

const HEADINGS = ['deployment', 'status', 'project', 'environment', 'started', 'live', 'took', 'message'];
const ROWS = [
  [
    'dep_01M8JCBGGZAPHRB6RTEX48QS6W',
    'succeeded',
    'harbour-times',
    'production',
    '50 s ago',
    'active',
    '24s',
    'mend the tides, which were an hour late since summer\nand more',
  ],
  ['dep_01M8JCEB6WP423BRGNZEPQVB8X', 'building', 'shop', 'staging', '2 s ago', '', '30%', ''],
];
const shown = (columns: number, interactive = true) =>
  table(terminal(columns, interactive), HEADINGS, ROWS).split('\n');

describe('a table', () => {
  it('shows as many columns as fit, the most telling first, and cuts the last', () => {
    expect(shown(60)).toEqual([
      'deployment                      status     project',
      'dep_01M8JCBGGZAPHRB6RTEX48QS6W  succeeded  harbour-times',
      'dep_01M8JCEB6WP423BRGNZEPQVB8X  building   shop',
    ]);
    expect(shown(80)).toEqual([
      'deployment                      status     project        environment  started',
      'dep_01M8JCBGGZAPHRB6RTEX48QS6W  succeeded  harbour-times  production   50 s ago',
      'dep_01M8JCEB6WP423BRGNZEPQVB8X  building   shop           staging      2 s ago',
    ]);
    expect(shown(120)[1]).toMatch(/active {2}24s {3}mend the tides.*…$/);
    expect(shown(200)[1]).toMatch(/mend the tides, which were an hour late since summer$/);
  });

  it('in a pipe is whole, a line for each row, whatever the width of a terminal', () => {
    expect(shown(60, false)).toEqual(shown(1000));
  });

  it('is never wider than the terminal, where its first column alone is not', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('ä'.repeat(40), '\u001b[32mgreen\u001b[39m', 'a\nb'));
    const rows = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 45, max: 200 }), rows, (columns, content) => {
        const text = table(terminal(columns, true), ['a', 'b', 'c'], content);
        for (const line of text.split('\n')) expect(visibleWidth(line)).toBeLessThan(columns);
      }),
    );
  });
});
