import type { HookCommand } from '../../shared/contracts/jobs.ts';
import { hookStep } from '../../shared/domain/hooks.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import type { CommandExit } from '../process/command.ts';
import { runLogged, type WorkContext } from './context.ts';

/** Where the commands of hooks run, and with what. */
export interface HookPlace {
  readonly phase: 'pre' | 'post';
  readonly cwd: string;
  /** The whole environment, to which the facts of each hook are added. */
  readonly env: Readonly<Record<string, string>>;
}

/** Ends a command that has used up its time. */
class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/**
 * Runs the commands one after the other, each as a step of its own in the log.
 * @throws StageFailed (HOOK_FAILED) with the first that fails; JobStopped where the job was ended
 */
export async function runHooks(
  context: WorkContext,
  hooks: readonly HookCommand[],
  place: HookPlace,
): Promise<void> {
  for (const hook of hooks) {
    context.log.enter(hookStep(hook.name));
    context.log.info(`$ ${hook.command}`);
    const exit = await withinTime(context, hook, place);
    if (exit.code !== 0) throw failed(context, hook, place.phase, exit);
  }
}

async function withinTime(context: WorkContext, hook: HookCommand, place: HookPlace): Promise<CommandExit> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new OutOfTime()), hook.seconds * 1000);
  try {
    return await runLogged(
      { ...context, signal: AbortSignal.any([context.signal, limit.signal]) },
      {
        program: 'sh',
        args: ['-c', hook.command],
        cwd: place.cwd,
        env: {
          ...place.env,
          PWD: place.cwd,
          SLIPWAY_HOOK: hook.name,
          SLIPWAY_HOOK_PHASE: place.phase,
        },
        user: context.settings.buildUser,
      },
    );
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof OutOfTime)) throw error;
    throw new StageFailed(
      'HOOK_FAILED',
      `The ${place.phase} hook ${hook.name} did not end within ${hook.seconds} s and was ended.${tailOf(context)}`,
      { suggestion: 'Make the command faster, or raise the timeoutSeconds of the hook.' },
    );
  } finally {
    clearTimeout(timer);
  }
}

function failed(
  context: WorkContext,
  hook: HookCommand,
  phase: HookPlace['phase'],
  { code, signal }: CommandExit,
): StageFailed {
  const how = signal === undefined ? `exited with ${code}` : `was ended by ${signal}`;
  return new StageFailed('HOOK_FAILED', `The ${phase} hook ${hook.name} ${how}.${tailOf(context)}`, {
    exitCode: code,
    suggestion: `Look at the lines of step ${hookStep(hook.name)}, correct the command or what it checks, and deploy again.`,
  });
}

function tailOf({ log }: WorkContext): string {
  const last = log.tail().join('\n');
  return last === '' ? '' : `\n${last}`;
}
