import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { keptStack } from '../lifecycle/cloud/stack.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const PATIENCE_MS = 300_000;

test(
  'after everything that people do, the service shows what a small model of an environment says',
  () => {
    const args = ['--import', at('../lifecycle/cloud/replace.ts'), at('./main.ts'), '--stack', keptStack()];
    const { stdout, stderr, status } = spawnSync(process.execPath, [...args, '--runs', '6'], {
      encoding: 'utf8',
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
    const totals: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(totals).toMatchObject({ runs: 6, different: 0, untried: [] });
  },
  PATIENCE_MS,
);
