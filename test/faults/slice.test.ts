import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { keptStack } from '../lifecycle/cloud/stack.ts';

const NOTHING_WRONG = { stuck: 0, slotsHeld: 0, untrue: 0, doubleActivations: 0, liveAfterCancel: 0 };
/** On a busy machine; by itself each takes some twenty seconds. */
const PATIENCE_MS = 600_000;

let stack: string;
beforeAll(() => {
  stack = keptStack();
}, 120_000);

/** The command with its arguments: its exit code, all it said, and its last line. */
function said(main: string, ...args: readonly string[]) {
  const path = fileURLToPath(new URL(main, import.meta.url));
  const done = spawnSync(process.execPath, [path, '--stack', stack, ...args], { encoding: 'utf8' });
  const totals: unknown = JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '');
  return { status: done.status, all: `${done.stdout}${done.stderr}`, totals };
}

test(
  'a slice of all faults leaves nothing stuck, nothing held, nothing untrue and nothing half live',
  () => {
    const { status, all, totals } = said('./main.ts', '--most', '120');
    expect(totals, all).toMatchObject(NOTHING_WRONG);
    expect(status, all).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'fixed seeds of the simulation leave nothing wrong either',
  () => {
    const { status, all, totals } = said('../sim/main.ts', '--seeds', '25', '--from', '1001');
    expect(totals, all).toMatchObject({ runs: 25, ...NOTHING_WRONG });
    expect(status, all).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'a planted bug is caught',
  () => {
    const { status, all, totals } = said('./main.ts', '--most', '1', '--mutants', 'settle-keeps-the-slot');
    expect(totals, all).toEqual({ mutants: 1, missed: 0 });
    expect(status, all).toBe(0);
  },
  PATIENCE_MS,
);
