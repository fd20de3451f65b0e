import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, rowsOf } from './pages.ts';

const page = readFileSync(join(ROOT, 'docs/requirements.md'), 'utf8');
const [table = ''] = page.split('\n## ');
const rows = rowsOf(table).map(([id = '', what = '', by = '', shown = '']) => {
  const [, file = '', name = ''] = /^`(test\/[\w./-]+\.test\.ts)`: (.+)$/.exec(shown) ?? [];
  return { id, what, by, file, name };
});

/** Last number of each of the five documents that the requirements come from. */
const LAST: Readonly<Record<string, number>> = { S0: 67, S1: 41, S2: 70, S3: 37, S4: 57 };

/** Is there a test of exactly this name in the source? Titles are literals that begin a call. */
function hasTest(source: string, name: string): boolean {
  const plain = source.replaceAll("\\'", "'");
  const titles = ["'", '"', '`'].map((quote) => `${quote}${name}${quote},`);
  return titles.some((title) => {
    const at = plain.indexOf(title);
    return at >= 0 && plain.slice(0, at).trimEnd().endsWith('(');
  });
}

describe('docs/requirements.md', () => {
  test('has rows whose ids are well-formed, in order, and each once', () => {
    expect(rows.length).toBeGreaterThan(40);
    for (const { id } of rows) {
      const [, document = '', number = ''] = /^(S[0-4])-(\d\d)$/.exec(id) ?? [];
      expect(Number(number), id).toBeGreaterThan(0);
      expect(Number(number), id).toBeLessThanOrEqual(LAST[document] ?? 0);
    }
    const ids = rows.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  test('says of each what it is and what does it', () => {
    for (const { id, what, by } of rows) {
      expect(what, id).not.toBe('');
      expect(by, id).not.toBe('');
    }
  });

  test.each(rows)('$id is shown by a test that is there, under its exact name', ({ file, name }) => {
    expect(name).not.toBe('');
    expect(existsSync(join(ROOT, file)), file).toBe(true);
    expect(hasTest(readFileSync(join(ROOT, file), 'utf8'), name), `${file}: ${name}`).toBe(true);
  });

  test('would notice a test that is not there', () => {
    const [{ file, name } = { file: '', name: '' }] = rows;
    const source = readFileSync(join(ROOT, file), 'utf8');
    expect(hasTest(source, name)).toBe(true);
    expect(hasTest(source, name.slice(1))).toBe(false);
  });

  test('explains only rows that are there', () => {
    const ids = new Set(rows.map(({ id }) => id));
    const explained = page.slice(table.length).match(/S[0-4]-\d\d/g) ?? [];
    expect(explained.length).toBeGreaterThan(5);
    expect(explained.filter((id) => !ids.has(id))).toEqual([]);
  });
});
