import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connection, loginFile, saveLogin } from '../../../client/src/cli/config.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'slipway-config-'));

describe('the connection of the command line', () => {
  it('comes from the environment before anything else', async () => {
    const home = folder();
    await saveLogin({ HOME: home }, { url: 'https://saved.invalid', token: 'saved' });
    const env = { HOME: home, SLIPWAY_URL: 'https://given.invalid', SLIPWAY_TOKEN: 'given' };
    expect(await connection(env, home)).toMatchObject({ url: 'https://given.invalid', token: 'given' });
  });

  it('refuses half a configuration in the environment', async () => {
    await expect(connection({ HOME: folder(), SLIPWAY_URL: 'https://given.invalid' }, '/')).rejects.toThrow(
      /without SLIPWAY_TOKEN/,
    );
  });

  it('comes from a stack that runs in a folder above where nothing else is configured', async () => {
    const root = folder();
    mkdirSync(join(root, '.slipway'));
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    writeFileSync(
      join(root, '.slipway', 'local.json'),
      JSON.stringify({ url: 'http://127.0.0.1:1', token: 'local', pid: 1 }),
      { mode: 0o600 },
    );
    expect(await connection({ HOME: folder() }, join(root, 'a', 'b'))).toMatchObject({ token: 'local' });
  });

  it('comes from the folder that `npm start` was given, before one nearby', async () => {
    const [root, given] = [folder(), folder()];
    mkdirSync(join(root, '.slipway'));
    for (const [path, token] of [
      [join(root, '.slipway'), 'nearby'],
      [given, 'given'],
    ] as const) {
      const text = JSON.stringify({ url: 'http://127.0.0.1:1', token });
      writeFileSync(join(path, 'local.json'), text, { mode: 0o600 });
    }
    expect(await connection({ HOME: folder(), SLIPWAY_DIR: given }, root)).toMatchObject({ token: 'given' });
    expect(await connection({ HOME: folder() }, root)).toMatchObject({ token: 'nearby' });
  });

  it.each([
    ['that everybody may read, as one of a repository would be', 'http://127.0.0.1:1', 0o644],
    ['that names another machine', 'http://slipway.invalid:1', 0o600],
    ['that only seems to name this machine', 'http://127.0.0.1.invalid:1', 0o600],
    ['whose address has this machine as a user name', 'http://127.0.0.1@slipway.invalid/', 0o600],
  ])('does not come from a file %s', async (_, url, mode) => {
    const root = folder();
    mkdirSync(join(root, '.slipway'));
    writeFileSync(join(root, '.slipway', 'local.json'), JSON.stringify({ url, token: 'theirs' }), { mode });
    await expect(connection({ HOME: folder() }, root)).rejects.toThrow(/slipway login/);
  });

  it('says what to do where there is none', async () => {
    await expect(connection({ HOME: folder() }, folder())).rejects.toThrow(/slipway login/);
  });

  it('keeps a login in a file that only its owner can read, also where a wider one was there', async () => {
    const env = { HOME: folder() };
    await saveLogin(env, { url: 'https://x.invalid', token: 'one' });
    writeFileSync(loginFile(env), '{}', { mode: 0o644 });
    const path = await saveLogin(env, { url: 'https://x.invalid', token: 'two' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
