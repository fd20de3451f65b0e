import type * as z from 'zod/mini';
import type { hookState } from '../../shared/contracts/steps.ts';
import { asDeploymentError } from '../../shared/domain/deployment-errors.ts';
import { isOpen, runOf } from '../../shared/domain/hook-runs.ts';
import type { Hook } from '../../shared/domain/hooks.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { presentHook } from '../../shared/domain/strategy.ts';
import { stageDone } from '../../shared/store/deployments.ts';
import { offeredBy, unlessEnding } from '../../shared/store/enter-state.ts';
import { endPostHook, type HookEnd } from '../../shared/store/hooks.ts';
import { cancelJob, getJob } from '../../shared/store/jobs.ts';
import { jobKeyOf } from '../../shared/store/keys.ts';
import { requireProject } from '../../shared/store/projects.ts';
import { beginRound } from '../../shared/store/rounds.ts';
import { answerStage, storeToken } from '../../shared/store/task-tokens.ts';
import type { StepsDeps } from './deps.ts';
import { hookWork, offerWork, runnerFor } from './runner.ts';

/**
 * One post hook: a round of the activation. A call is made by `targets` while this waits; a command is offered to a
 * runner, whose result answers the token. Safe to repeat: the end of a hook is noted once.
 */
export async function hook(deps: StepsDeps, call: z.infer<typeof hookState>): Promise<void> {
  const { deploymentId: id } = call;
  const deployment = await unlessEnding(deps.machine, call, () => beginRound(deps.store, id, call));
  if (deployment === undefined) return;
  const round = deployment.activation?.round ?? 0;
  const answered = await storeToken(deps.store, deps.machine, id, 'activate', round, offeredBy(call));
  if (answered === 'sent') return;
  const present = presentHook(deployment);
  if (present === undefined || deployment.failure !== undefined || stageDone(deployment, 'activate')) {
    await answerNothingToDo(deps, deployment, round);
    return;
  }
  const end = isOpen(runOf(deployment, 'post', present.name))
    ? await begin(deps, deployment, present)
    : KNOWN;
  if (end !== 'offered') await endPostHook(deps.store, deps.machine, id, round, end);
}

/** What the record says already counts, not this. */
const KNOWN: HookEnd = { passed: true };

async function begin(deps: StepsDeps, deployment: Deployment, present: Hook): Promise<HookEnd | 'offered'> {
  const round = deployment.activation?.round ?? 0;
  try {
    if (present.type === 'http') return endOf(await deps.targets.hook(deployment.id, round));
    const project = await requireProject(deps.store, deployment.projectId);
    const runner = runnerFor(project.settings, deps.defaultRunner);
    await offerWork(deps, deployment, hookWork(round, [present]), runner);
    return 'offered';
  } catch (error) {
    deps.log.error('A hook could not be run.', { error });
    // What was offered before it broke is nobody's any more: given up, it must not be run later all the same.
    if (present.type === 'command') await withdraw(deps, deployment.id, round);
    const { message, suggestion } = asDeploymentError(error, 'activate');
    const words = `The post hook ${present.name} could not be run: ${message}`;
    await deps.say(deployment.id, `hook:${present.name}`, 'error', words);
    return { passed: false, failure: { code: 'HOOK_FAILED', message: words, suggestion } };
  }
}

async function withdraw(deps: StepsDeps, id: string, round: number): Promise<void> {
  const jobKey = jobKeyOf(id, 'hook', round);
  if ((await getJob(deps.store, jobKey)) !== undefined) await cancelJob(deps.store, jobKey);
}

const endOf = ({ passed, message }: { readonly passed: boolean; readonly message: string }): HookEnd =>
  passed ? { passed, message } : { passed, failure: { code: 'HOOK_FAILED', message } };

/** A check of the round before has failed while somebody promoted it, or whoever finished the stage died. */
async function answerNothingToDo(deps: StepsDeps, { id, failure }: Deployment, round: number): Promise<void> {
  const answer = failure === undefined ? { ok: true as const } : { ok: false as const, code: failure.code };
  await answerStage(deps.store, deps.machine, id, 'activate', round, answer);
}
