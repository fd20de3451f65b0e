import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartFailure } from '../failure.ts';
import type { Children } from '../supervise/children.ts';
import { runErrand } from '../supervise/errand.ts';
import { lastLines, outputOf } from '../supervise/output.ts';
import { findPython } from './python.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
/** Written last, so that a venv that was cut off while it was made is made again. */
const MARKER = '.slipway-requirements';
/** A first install takes about 20 s; slow networks take longer. */
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/**
 * The Python of a virtual environment under `home` in which the emulator is installed at its pinned version.
 * Makes it where it is missing or belongs to other pins; otherwise costs two file reads.
 */
export async function ensureVenv(
  home: string,
  children: Children,
  say: (line: string) => void,
): Promise<string> {
  const venv = join(home, 'venv');
  const wanted = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  if (await isReady(venv, wanted)) return pythonOf(venv);

  const python = await findPython();
  say(
    'Installing the AWS emulator into .slipway/venv (once; one or two minutes, more on a slow network) ...',
  );
  // Made beside its place and renamed, so that two starts at once (npm start, npm test) don't mix their files.
  const draft = `${venv}.${process.pid}`;
  try {
    await makeVenv(python, draft);
    await install(draft, join(home, 'logs', 'pip.log'), children);
    await writeFile(join(draft, MARKER), wanted);
    await replace(venv, draft, wanted);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return pythonOf(venv);
}

function pythonOf(venv: string): string {
  return join(venv, 'bin', 'python');
}

async function isReady(venv: string, wanted: string): Promise<boolean> {
  const marker = await readFile(join(venv, MARKER), 'utf8').catch(() => undefined);
  if (marker !== wanted) return false;
  // A link to a Python that was uninstalled since is a reason to make it again.
  return access(pythonOf(venv), constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function makeVenv(python: string, venv: string): Promise<void> {
  const { code, stdout, stderr } = await outputOf(python, ['-m', 'venv', venv], { timeoutMs: 120_000 });
  if (code === 0) return;
  const reason = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? 'no reason given';
  throw new StartFailure(`${python} could not make a virtual environment in ${venv}: ${reason}`);
}

async function install(venv: string, logFile: string, children: Children): Promise<void> {
  const { code } = await runErrand(
    children,
    {
      name: 'pip',
      program: pythonOf(venv),
      args: ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '-r', REQUIREMENTS],
      logFile,
      graceMs: 2_000,
    },
    INSTALL_TIMEOUT_MS,
  );
  if (code === 0) return;
  const lines = await lastLines(logFile, 20);
  const reason = lines.find((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? 'no reason given';
  throw new StartFailure(
    `pip could not install the emulator: ${reason.replace(/^ERROR:\s*/, '')} (see ${logFile}).`,
  );
}

/** Puts the draft in its place; where another start was faster with the same pins, its work is used. */
async function replace(venv: string, draft: string, wanted: string): Promise<void> {
  if (await isReady(venv, wanted)) return;
  await rm(venv, { recursive: true, force: true });
  try {
    await rename(draft, venv);
  } catch (cause) {
    if (!(await isReady(venv, wanted))) {
      throw new StartFailure(`Could not put the virtual environment at ${venv}; run npm start again.`, {
        cause,
      });
    }
  }
}
