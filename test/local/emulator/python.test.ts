import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findPython } from '../../../local/emulator/python.ts';

let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'slipway-python-'));
  await symlink('/bin/sh', join(bin, 'sh'));
  vi.stubEnv('PATH', bin);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(bin, { recursive: true, force: true });
});

/** A program that answers the way a Python of that version would. */
async function install(name: string, version: string, venv: boolean): Promise<void> {
  const [major, minor] = version.split('.');
  const answer = `${major} ${minor} ${venv ? 1 : 0} /opt/${name}/bin/python`;
  await writeFile(join(bin, name), `#!/bin/sh\necho "${answer}"\n`);
  await chmod(join(bin, name), 0o755);
}

test('the one that people call python3 is taken where it is able', async () => {
  await install('python3', '3.10', true);
  await install('python3.13', '3.13', true);
  expect(await findPython()).toBe('/opt/python3/bin/python');
});

test('a newer one beside an old python3 is found', async () => {
  await install('python3', '3.9', true);
  await install('python3.12', '3.12', true);
  expect(await findPython()).toBe('/opt/python3.12/bin/python');
});

test('none at all is one sentence that says what to install', async () => {
  await expect(findPython()).rejects.toThrow(
    'Python 3.10 or newer with venv is needed to run the local emulator, and no python3 was found; install it and run npm start again.',
  );
});

test('one that is too old is named with its version', async () => {
  await install('python3', '3.8', true);
  await expect(findPython()).rejects.toThrow('only 3.8 was found');
});

test('one without venv is named with the package that brings it', async () => {
  await install('python3', '3.11', false);
  await expect(findPython()).rejects.toThrow(
    'Python 3.11 is there but its venv module is not; install it (on Debian and Ubuntu: python3-venv).',
  );
});
