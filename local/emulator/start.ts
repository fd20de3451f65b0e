import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StartFailure } from '../failure.ts';
import { type Child, type Children, createChildren } from '../supervise/children.ts';
import { lastLines } from '../supervise/output.ts';
import { LOOPBACK, preferPort } from '../supervise/ports.ts';
import { endGroup, isAlive } from '../supervise/signals.ts';
import { answers, untilAnswers } from './health.ts';
import { findLoss, type LostState, markStarted, markStopped, readMarker } from './marker.ts';
import { makeScratch, removeScratch } from './scratch.ts';
import { startSecureFront } from './secure-front.ts';
import { foldersOf, settingsOf } from './settings.ts';
import { rewindStreams } from './streams.ts';
import { ensureVenv } from './venv.ts';

/** The state of a few thousand deployments is written within a second; more is a wedged process. */
const STOP_GRACE_MS = 20_000;
const START_TIMEOUT_MS = 30_000;

export interface EmulatorOptions {
  /** Holds its log and, where it is kept, its state. */
  readonly dir: string;
  /** Where the Python environment is, `dir` unless told; shared by all emulators of this checkout. */
  readonly install?: string;
  /** Taken where it is free; without it the port of the last run in this folder, or any. */
  readonly port?: number;
  readonly keepState?: boolean;
  /** Check every call against IAM policies, as proof of least privilege. */
  readonly enforceIam?: boolean;
  readonly children?: Children;
  readonly say?: (line: string) => void;
}

export interface Emulator {
  /** `http://127.0.0.1:<port>`, to be given to AWS clients as their endpoint. */
  readonly endpoint: string;
  /** Set where the run before was killed and could not write its state. */
  readonly lost: LostState | undefined;
  /** Resolves when it is gone, for whatever reason. */
  readonly exited: Promise<unknown>;
  /** Stops it cleanly, so that its state is written. */
  stop(): Promise<void>;
}

/**
 * Starts an emulator of our own, installing it first where that hasn't happened. Throws a StartFailure with one
 * sentence where Python is missing, the install fails or it doesn't come up within 30 s.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const children = options.children ?? createChildren();
  const { dir, keepState = true } = options;
  const folders = foldersOf(dir);
  const python = await ensureVenv(options.install ?? dir, children, options.say ?? (() => {}));

  await endStray(dir);
  const lost = keepState ? await findLoss(dir) : undefined;
  if (keepState) await rewindStreams(dir);
  const port = await preferPort(options.port ?? (await readMarker(dir))?.port);
  await removeScratch((await readMarker(dir))?.scratch);
  const scratch = await makeScratch();
  for (const folder of [folders.state, folders.objects]) await mkdir(folder, { recursive: true });
  // Values of sensitive variables lie in there as files that the emulator writes for everybody to read.
  await chmod(join(dir, 'state'), 0o700);

  const front = options.enforceIam ? await startSecureFront(port) : undefined;
  const startedAt = new Date().toISOString();
  const child = await children.start({
    name: 'the emulator',
    program: python,
    args: [join(import.meta.dirname, 'doorkeeper.py')],
    cwd: scratch,
    env: settingsOf({
      port,
      dir,
      scratch,
      keepState,
      enforceIam: options.enforceIam ?? false,
      logLevel: 'INFO',
      ...(front && { endpointForFunctions: front.endpoint }),
    }),
    logFile: folders.log,
    graceMs: STOP_GRACE_MS,
  });
  await markStarted(dir, { pid: child.pid, port, scratch, startedAt });
  const endpoint = `http://${LOOPBACK}:${port}`;
  await untilUp(child, endpoint);

  return {
    endpoint: front?.endpoint ?? endpoint,
    lost,
    exited: child.exited,
    async stop() {
      await child.stop();
      await front?.stop();
      await removeScratch(scratch);
      if (keepState && child.exit()?.code === 0) await markStopped(dir, new Date().toISOString());
      if (options.children === undefined) await children.stopAll();
    },
  };
}

async function untilUp(child: Child, endpoint: string): Promise<void> {
  if (await untilAnswers(endpoint, START_TIMEOUT_MS, () => child.exit() !== undefined)) return;
  const exit = child.exit();
  await child.stop();
  const [line = 'it printed nothing'] = await lastLines(child.logFile, 1);
  throw new StartFailure(
    exit === undefined
      ? `The emulator did not answer at ${endpoint} within ${START_TIMEOUT_MS / 1000} s: ${line} (see ${child.logFile}).`
      : `The emulator ended at once with code ${exit.code}: ${line} (see ${child.logFile}).`,
  );
}

/**
 * Two emulators on one state would overwrite each other. One that outlived its parent and the watchdog is
 * recognised by its process id and by answering on its port, and stopped cleanly.
 */
async function endStray(dir: string): Promise<void> {
  const marker = await readMarker(dir);
  if (marker === undefined || marker.stoppedAt !== undefined || !isAlive(marker.pid)) return;
  if (await answers(`http://${LOOPBACK}:${marker.port}`)) await endGroup(marker.pid, STOP_GRACE_MS);
}
