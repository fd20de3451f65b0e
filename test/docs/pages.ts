import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** Every page of the documentation, as paths from the root. */
export function pages(): readonly string[] {
  const inDocs = readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
  return ['README.md', 'local/README.md', ...inDocs.sort()];
}

/** The headings of a page, without their marks and without what looks like one inside a code block. */
export function headingsOf(text: string): readonly string[] {
  const prose = text.replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) => heading);
}

/** Cells of every row of the tables in a text, without the header of each table and its rule. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  const tables = text.match(/^(?:\|.*\|\n?)+/gm) ?? [];
  return tables.flatMap((table) => table.trimEnd().split('\n').slice(2).map(cellsOf));
}

/** A bar inside a cell is written `\|`. */
const cellsOf = (row: string): readonly string[] =>
  row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
