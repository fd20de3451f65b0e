import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimInstance } from '../../../local/supervise/instance.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway-instance-'));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

test('the folder of everything is its owner’s alone', async () => {
  const made = join(home, 'new');
  const { release } = await claimInstance(made);
  expect((await stat(made)).mode & 0o777).toBe(0o700);
  await release();
});

test('a second start names the process that runs', async () => {
  const main = join(home, 'local', 'main.ts');
  await mkdir(join(home, 'local'));
  await writeFile(main, 'setInterval(() => {}, 1000); console.log("up")');
  const running = spawn(process.execPath, [main]);
  try {
    await once(running.stdout, 'data');
    await writeFile(join(home, 'npm-start.pid'), String(running.pid));
    await expect(claimInstance(home)).rejects.toThrow(`already runs here as process ${running.pid}`);
  } finally {
    running.kill('SIGKILL');
  }
});

test('the lock of a process that is gone, or that is another program now, is taken over', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  for (const holder of [gone.pid, process.ppid]) {
    await writeFile(join(home, 'npm-start.pid'), String(holder));
    const instance = await claimInstance(home);
    expect(await readFile(join(home, 'npm-start.pid'), 'utf8')).toBe(String(process.pid));
    await instance.release();
  }
});

test('a released lock can be claimed again', async () => {
  const first = await claimInstance(home);
  await first.release();
  const second = await claimInstance(home);
  await second.release();
});
