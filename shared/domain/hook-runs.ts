import type { HookPhase, Hooks } from './hooks.ts';
import type { Deployment } from './records.ts';
import type { TerminalStatus } from './status.ts';

/** `warned`: it failed, and the deployment went on. `skipped`: it never came to it. */
export const HOOK_STATUSES = ['pending', 'running', 'succeeded', 'failed', 'warned', 'skipped'] as const;
export type HookStatus = (typeof HOOK_STATUSES)[number];

/** What became of a hook in a deployment. */
export interface HookRun {
  readonly phase: HookPhase;
  readonly name: string;
  readonly type: 'http' | 'command';
  readonly status: HookStatus;
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly message?: string | undefined;
}

/** Twenty of them stand on a record. */
const MAX_MESSAGE = 500;

/** The runs of a deployment whose hooks are fixed from now on; undefined where it has none. */
export function pendingRuns(hooks: Hooks | undefined): readonly HookRun[] | undefined {
  if (hooks === undefined) return undefined;
  const { pre, post } = hooks;
  return [
    ...pre.map((hook) => ({ hook, phase: 'pre' as const })),
    ...post.map((hook) => ({ hook, phase: 'post' as const })),
  ].map(({ hook: { name, type }, phase }) => ({ phase, name, type, status: 'pending' }));
}

type Runs = Pick<Deployment, 'hooks'>;

export const runOf = ({ hooks }: Runs, phase: HookPhase, name: string): HookRun | undefined =>
  hooks?.find((run) => run.phase === phase && run.name === name);

/** Is anything left to be learned of this run? */
export const isOpen = (run: HookRun | undefined): boolean =>
  run?.status === 'pending' || run?.status === 'running';

/** The runs with one that has begun; undefined where that is known. */
export function runBegun(deployment: Runs, phase: HookPhase, name: string, at: string): Runs['hooks'] {
  if (runOf(deployment, phase, name)?.status !== 'pending') return undefined;
  return withRun(deployment, phase, name, (run) => ({ ...run, status: 'running', startedAt: at }));
}

/** The runs with one that has ended; undefined where that is known. */
export function runEnded(
  deployment: Runs,
  phase: HookPhase,
  name: string,
  outcome: Pick<HookRun, 'message' | 'exitCode'> & { readonly status: 'succeeded' | 'failed' | 'warned' },
  at: string,
): Runs['hooks'] {
  if (!isOpen(runOf(deployment, phase, name))) return undefined;
  const { status, message, exitCode } = outcome;
  return withRun(deployment, phase, name, (run) => ({
    ...run,
    status,
    startedAt: run.startedAt ?? at,
    finishedAt: at,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(message === undefined ? {} : { message: shortened(message) }),
  }));
}

/** The runs of the commands that a runner does one after the other, once it has come to `name` (or to their end). */
export function commandsUpTo(deployment: Runs, name: string | undefined, at: string): Runs['hooks'] {
  const { hooks = [] } = deployment;
  const commands = hooks.filter(({ phase, type }) => phase === 'pre' && type === 'command');
  let runs: Runs = deployment;
  for (const run of commands) {
    if (run.name === name) {
      runs = { hooks: runBegun(runs, 'pre', run.name, at) ?? runs.hooks };
      break;
    }
    runs = { hooks: runEnded(runs, 'pre', run.name, { status: 'succeeded', exitCode: 0 }, at) ?? runs.hooks };
  }
  return runs.hooks === hooks ? undefined : runs.hooks;
}

/** Post hooks that have not ended. */
export const openPosts = ({ hooks = [] }: Runs): readonly HookRun[] =>
  hooks.filter((run) => run.phase === 'post' && isOpen(run));

/** Nothing runs on, or is still to come, in a record that has ended. */
export function closedRuns({ hooks }: Runs, status: TerminalStatus, at: string): Runs['hooks'] {
  return hooks?.map((run): HookRun => {
    if (run.status === 'pending') return { ...run, status: 'skipped' };
    if (run.status !== 'running') return run;
    const why = status === 'canceled' ? 'Canceled.' : 'It was cut off.';
    return {
      ...run,
      status: status === 'succeeded' ? 'warned' : 'failed',
      finishedAt: at,
      message: run.message ?? why,
    };
  });
}

function withRun(
  { hooks = [] }: Runs,
  phase: HookPhase,
  name: string,
  change: (run: HookRun) => HookRun,
): readonly HookRun[] {
  return hooks.map((run) => (run.phase === phase && run.name === name ? change(run) : run));
}

/** Its first line: what comes below stands in the log. */
function shortened(message: string): string {
  const [first = ''] = message.split('\n', 1);
  return first.length <= MAX_MESSAGE ? first : `${first.slice(0, MAX_MESSAGE - 1)}…`;
}
