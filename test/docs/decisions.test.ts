import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { headingsOf, ROOT, rowsOf } from './pages.ts';

const folder = join(ROOT, 'docs/decisions');
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
const files = readdirSync(folder)
  .filter((file) => file !== 'README.md')
  .sort();

/** Title and file of each row of the index. */
const index = rowsOf(textOf('README.md')).map(([cell = '']) => {
  const [, title = '', file = ''] = /^\[(.+)\]\((.+)\)$/.exec(cell) ?? [];
  return { title, file };
});

describe('docs/decisions', () => {
  test('lists every decision once, under its title', () => {
    expect(index.map(({ file }) => file).sort()).toEqual(files);
    for (const { title, file } of index) expect(headingsOf(textOf(file))[0]).toBe(title);
  });

  test.each(files)(
    '%s has context, decision, reason and the way back, or is a page of small ones',
    (file) => {
      const text = textOf(file);
      const [, ...sections] = headingsOf(text);
      const reason: unknown = expect.stringMatching(/^(?:Why|Measured)$/);
      if (sections.length > 0) expect(sections).toEqual(['Context', 'Decision', reason, 'To undo']);
      else expect(text.length).toBeLessThan(5000);
    },
  );
});
