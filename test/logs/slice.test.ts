import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants.ts';

const ROOT = new URL('../../', import.meta.url);
/** On a busy machine; by itself each takes some seconds. */
const PATIENCE_MS = 600_000;

/** The command with its arguments: its exit code, all it said, and its last line. */
function said(...args: readonly string[]) {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const done = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  const totals: unknown = JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '');
  return { status: done.status, all: `${done.stdout}${done.stderr}`, totals };
}

test(
  'twenty thousand lines, lost pushes, cut connections and dead processes: everybody gets each line once, in order',
  () => {
    const { status, all, totals } = said(
      '--lines',
      '20000',
      '--reconnects',
      '100',
      '--worlds',
      '2',
      '--seed',
      '1001',
    );
    expect(totals, all).toEqual({ lines: 20_000, lost: 0, repeated: 0, reordered: 0, leaked: 0 });
    expect(status, all).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'a feed that takes a gap for nothing is caught',
  () => {
    const small = ['--lines', '8000', '--reconnects', '80', '--worlds', '2'];
    const { status, all, totals } = said(...small, '--mutants', 'a-gap-is-taken-for-nothing');
    expect(totals, all).toEqual({ mutants: 1, missed: 0 });
    expect(status, all).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'producers whose lines were put over, and who so never come to an end, are caught when time is up',
  () => {
    const small = ['--lines', '1000', '--reconnects', '10', '--worlds', '1'];
    const { status, all, totals } = said(...small, '--mutants', 'chunks-are-put-over-others');
    expect(totals, all).toEqual({ mutants: 1, missed: 0 });
    expect(status, all).toBe(0);
  },
  PATIENCE_MS,
);

test.each(MUTANTS)('the bug $name can still be planted', ({ patches }) => {
  for (const { file, find, put } of patches) {
    const source = readFileSync(new URL(file, ROOT), 'utf8');
    expect(source.split(find), file).toHaveLength(2);
    expect(put).not.toBe(find);
  }
});
