import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { usage } from './exit.ts';

/** Where the service is and who calls. */
export interface Connection {
  readonly url: string;
  readonly token: string;
  /** Shown where it matters which of the sources was used. */
  readonly from: string;
}

const file = z.looseObject({ url: z.string(), token: z.string() });

/** The file that `slipway login` writes; follows the XDG rules. */
export const loginFile = (env: NodeJS.ProcessEnv) =>
  join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config'), 'slipway', 'login.json');

/**
 * In this order: SLIPWAY_URL with SLIPWAY_TOKEN, the login file, a stack that `npm start` runs
 * in SLIPWAY_DIR, here or in a folder above.
 */
export async function connection(env: NodeJS.ProcessEnv, cwd: string): Promise<Connection> {
  const url = env['SLIPWAY_URL'];
  const token = env['SLIPWAY_TOKEN'];
  if (url !== undefined && token !== undefined) return { url, token, from: 'SLIPWAY_URL' };
  if (url !== undefined || token !== undefined) {
    const [set, missing] =
      url === undefined ? ['SLIPWAY_TOKEN', 'SLIPWAY_URL'] : ['SLIPWAY_URL', 'SLIPWAY_TOKEN'];
    throw usage(`${set} is set without ${missing}. Set both, or neither ("unset ${set}").`);
  }
  const saved = await readConnection(loginFile(env));
  if (saved !== undefined) return { ...saved, from: loginFile(env) };
  for (const path of localFiles(env, cwd)) {
    const found = await readConnection(path);
    if (found !== undefined && (await isOwnStart(path, found.url))) return { ...found, from: path };
  }
  throw usage(
    'No Slipway is configured. Run "slipway login", or set SLIPWAY_URL and SLIPWAY_TOKEN, or start one with "npm start".',
  );
}

/** Where the service is, for who has no API token to go with it: SLIPWAY_URL alone will do. */
export async function serviceUrl(env: NodeJS.ProcessEnv, cwd: string): Promise<string> {
  const url = env['SLIPWAY_URL'] ?? (await connection(env, cwd)).url;
  return url.replace(/\/+$/, '');
}

function localFiles(env: NodeJS.ProcessEnv, cwd: string): string[] {
  // `npm start` with SLIPWAY_DIR keeps it there.
  const given = env['SLIPWAY_DIR'];
  const paths = given === undefined || given === '' ? [] : [join(resolve(cwd, given), 'local.json')];
  for (let folder = cwd; ; folder = dirname(folder)) {
    paths.push(join(folder, '.slipway', 'local.json'));
    if (dirname(folder) === folder) return paths;
  }
}

const LOOPBACK = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/;

/**
 * Whether `npm start` of this person wrote the file, which lies in folders that others fill: a repository may hold
 * one, and secrets would go to the address in it. Ours is for its owner alone and names this machine.
 */
async function isOwnStart(path: string, url: string): Promise<boolean> {
  const { uid, mode } = await stat(path);
  const self = process.getuid?.();
  return LOOPBACK.test(url) && (self === undefined || (uid === self && (mode & 0o077) === 0));
}

async function readConnection(path: string): Promise<{ url: string; token: string } | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const { url, token } = z.parse(file, JSON.parse(text));
    return { url, token };
  } catch {
    throw usage(`${path} is not a login file of Slipway. Delete it and run "slipway login" again.`);
  }
}

/** Keeps a login so that nobody else on the machine can read it. */
export async function saveLogin(
  env: NodeJS.ProcessEnv,
  login: { url: string; token: string },
): Promise<string> {
  const path = loginFile(env);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  // The mode above counts only for a file that was not there.
  await chmod(path, 0o600);
  return path;
}
