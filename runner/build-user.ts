import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { StageFailed } from '../shared/errors/deployments.ts';
import type { Clock } from '../shared/platform/clock.ts';
import type { Journal } from './journal.ts';
import { runCommand } from './process/command.ts';
import { type BuildUser, findBuildUser, userOfJob } from './process/user.ts';
import type { RunnerSettings } from './settings.ts';
import { machineEnvironment } from './work/environment.ts';
import { createWorkspace, giveTo, removeWorkspace, type Workspace } from './work/workspace.ts';

/**
 * Who builds where the agent is root and nobody is named: the first that the machine has and that can work. The one
 * is for whoever makes it on purpose, the other is everywhere.
 */
export const DEFAULT_BUILD_USERS = ['slipway-build', 'nobody'];

const TRY_MS = 20_000;
const OUTPUT_BYTES = 2_000;

/** Who builds. */
export interface Builders {
  /** With the user in it; without one builds run as the user of the agent. */
  readonly settings: RunnerSettings;
  /** Why it is nobody with fewer rights although somebody was looked for: a sentence. */
  readonly refused?: string | undefined;
}

/**
 * The settings with the user that builds run as: the named one, else the first candidate that can work, else none,
 * which is said loudly. The work folder is locked by the caller.
 * @param candidates none where builds are to run as the user of the agent
 * @throws StageFailed (INVALID_CONFIG) where the named user cannot work
 */
export async function settleBuilders(
  settings: RunnerSettings,
  candidates: readonly string[],
  clock: Clock,
  journal: Journal,
): Promise<Builders> {
  const { buildUser } = settings;
  if (buildUser !== undefined) {
    const tried = await tryOut(settings, buildUser, clock);
    if (tried.settings !== undefined) return tried;
    throw new StageFailed('INVALID_CONFIG', `Builds cannot run as ${buildUser.name}: ${tried.why}`, {
      suggestion: `Let ${buildUser.name} reach what it needs, or name another user (--build-user).`,
    });
  }
  if (candidates.length === 0) return { settings };
  const found = await findWorkingUser(settings, candidates, clock);
  if (found.settings !== undefined) {
    journal.info('builds run as another user', { user: found.settings.buildUser?.name });
    return found;
  }
  journal.warn(`BUILDS RUN AS ROOT: ${AS_ROOT}`, { reason: found.why });
  return { settings, refused: found.why };
}

/** What it means that builds run as root, and what to do about it. */
export const AS_ROOT =
  'they can read and change everything on this machine, the token of this runner among it. Make a user for them (useradd --system slipway-build), or name one (--build-user), that reaches node, npm, git and the work folder.';

export type Tried =
  | { readonly settings: RunnerSettings; readonly why?: undefined }
  /** A sentence. */
  | { readonly settings?: undefined; readonly why: string };

/** The first of these users that exists and can build; nothing of the attempt is left. */
export async function findWorkingUser(
  settings: RunnerSettings,
  candidates: readonly string[],
  clock: Clock,
): Promise<Tried> {
  const whys: string[] = [];
  for (const name of candidates) {
    const user = await findBuildUser(name).catch(() => undefined);
    if (user === undefined) continue;
    const tried = await tryOut(settings, { ...user, shared: true }, clock);
    if (tried.settings !== undefined) return tried;
    whys.push(tried.why);
  }
  return { why: whys.join(' ') || `This machine has none of the users ${candidates.join(', ')}.` };
}

/** Every line that fails says what it wanted, and nothing after it runs. */
const SCRIPT = `
fail() { echo "It cannot $1."; exit 1; }
touch "$1/probe" 2>/dev/null || fail "write to its folder $1"
"$2" -e 0 2>/dev/null || fail "run $2"
node -e 0 || fail "run node, which is $(command -v node || echo 'not in its path')"
npm --version > /dev/null || fail "run npm, which is $(command -v npm || echo 'not in its path')"
git --version > /dev/null || fail "run git, which is $(command -v git || echo 'not in its path')"
shift 2
for path; do
  if [ -d "$path" ]; then cd "$path" || fail "enter $path"; else test -r "$path" || fail "read $path"; fi
done
`;

/** Does what a build does, as that user. The Node of this program is copied to where the user reaches it if need be. */
async function tryOut(settings: RunnerSettings, user: BuildUser, clock: Clock): Promise<Tried> {
  const { workDir } = settings;
  // It is this runner's alone; others go through to what is theirs below, and do not look around.
  chmodSync(workDir, 0o711);
  const asUser: RunnerSettings = { ...settings, buildUser: user };
  const own = await attempt(asUser, clock);
  if (own === undefined) return { settings: asUser };
  const copied: RunnerSettings = { ...asUser, nodeFolder: copyOfNode(workDir) };
  const why = await attempt(copied, clock);
  return why === undefined ? { settings: copied } : { why: `${user.name}: ${why}` };
}

/** @returns what the user cannot do; undefined where it can build */
async function attempt(settings: RunnerSettings, clock: Clock): Promise<string | undefined> {
  const jobId = `probe-${process.pid}`;
  const user = settings.buildUser && userOfJob(settings.buildUser, jobId);
  let workspace: Workspace | undefined;
  let said = '';
  const hear = (bytes: Buffer) => {
    if (said.length < OUTPUT_BYTES) said += bytes.toString();
    return undefined;
  };
  try {
    workspace = createWorkspace(jobId, { ...settings, cacheDir: undefined });
    if (user !== undefined) await giveTo(user, workspace);
    const { repository, secret } = workspace;
    const exit = await runCommand(
      {
        program: 'sh',
        args: ['-c', SCRIPT, 'sh', repository, nodeOf(settings), ...neededPaths(settings)],
        cwd: repository,
        env: machineEnvironment(settings, workspace),
        user,
      },
      {
        stdout: hear,
        stderr: hear,
        signal: AbortSignal.timeout(TRY_MS),
        mark: jobId,
        folder: secret,
        clock,
      },
    );
    return exit.code === 0 ? undefined : said.trim().split('\n').at(-1) || `It ended with ${exit.code}.`;
  } catch (error) {
    return `It cannot run anything here (${error instanceof Error ? error.message : String(error)}).`;
  } finally {
    if (workspace !== undefined) await removeWorkspace(workspace.folder);
  }
}

const nodeOf = ({ nodeFolder }: RunnerSettings) =>
  nodeFolder === undefined ? process.execPath : join(nodeFolder, NODE);

/** What a build reads besides its own folder: certificates that the passed variables name, and its cache. */
function neededPaths({ passedEnvironment, cacheDir }: RunnerSettings): string[] {
  const named = Object.values(passedEnvironment).filter((value) => isAbsolute(value) && existsSync(value));
  if (cacheDir === undefined) return named;
  const caches = join(cacheDir, 'npm');
  mkdirSync(caches, { recursive: true, mode: 0o711 });
  return [...named, caches];
}

const COPY = 'node';
const NODE = 'node';

/** For a Node below the home of root, where a checkout with its own Node may lie. */
function copyOfNode(workDir: string): string {
  const folder = join(workDir, COPY);
  const file = join(folder, NODE);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (statSync(file, { throwIfNoEntry: false })?.size !== statSync(process.execPath).size) {
    copyFileSync(process.execPath, file, constants.COPYFILE_FICLONE);
  }
  chmodSync(folder, 0o711);
  chmodSync(file, 0o755);
  return folder;
}

/** Removes what `settleBuilders` made beyond the jobs. */
export function forgetNodeCopy(workDir: string): void {
  rmSync(join(workDir, COPY), { recursive: true, force: true });
}
