import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants.ts';

const ROOT = new URL('../../', import.meta.url);

test.each(MUTANTS)('the bug $name can still be planted', ({ patches }) => {
  for (const { file, find, put } of patches) {
    const source = readFileSync(new URL(file, ROOT), 'utf8');
    expect(source.split(find), file).toHaveLength(2);
    expect(put).not.toBe(find);
  }
});
