import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { headingsOf, pages, ROOT } from './pages.ts';

/** The slug that GitHub gives a heading. */
const slugOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** Links of a page into this repository, with the words that are linked. */
function linksIn(page: string): readonly string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/^```.*?^```$/gms, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, href = '']) => href)
    .filter((href) => !/^[a-z]+:/.test(href));
}

describe.each(pages())('%s', (page) => {
  test('links to files and headings that are there', () => {
    const broken = linksIn(page).filter((href) => {
      const [path = '', anchor] = href.split('#');
      const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
      if (!existsSync(file)) return true;
      return (
        anchor !== undefined && !headingsOf(readFileSync(file, 'utf8')).some((one) => slugOf(one) === anchor)
      );
    });
    expect(broken).toEqual([]);
  });

  test('names no file of the repository that is not there', () => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const named = [
      ...text.matchAll(/`((?:infra|functions|shared|client|runner|local|test|docs)\/[\w./-]+\.\w+)`/g),
    ].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
