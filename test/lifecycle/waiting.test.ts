import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { keptStack } from './cloud/stack.ts';
import type { Said } from './waiting/play.ts';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

test('a deployment that waits for people, a freeze, its moment or the slot makes no call of its own in an hour', () => {
  const args = ['--import', path('./cloud/replace.ts'), path('./waiting/play.ts'), keptStack()];
  const { status: code, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(code, stderr).toBe(0);
  // What that file prints.
  const waits = JSON.parse(stdout) as Said[];
  expect(waits.map(({ name }) => name)).toEqual(['approval', 'freeze', 'schedule', 'queue']);
  for (const { name, status, without, waiting } of waits) {
    expect(waiting.statuses, name).toContain(status);
    expect(waiting.statuses.length, name).toBe(without.statuses.length + 1);
    expect(waiting.calls, name).toEqual(without.calls);
    // What is made in any case: four questions of the sweep each minute.
    expect(without.calls, name).toMatchObject({
      'sweep > dynamodb.Query(work)': 180,
      'sweep > dynamodb.Query(unpublished)': 60,
    });
  }
}, 300_000);
