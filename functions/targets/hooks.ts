import type * as z from 'zod/mini';
import type { HookBody } from '../../shared/contracts/hooks.ts';
import type { HookAnswer, hookCall } from '../../shared/contracts/steps.ts';
import { DIRECT_CALL_SECONDS } from '../../shared/domain/deadlines.ts';
import { runOf } from '../../shared/domain/hook-runs.ts';
import { type HookPhase, type HttpHook, hookSeconds, hookStep, preCalls } from '../../shared/domain/hooks.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import type { Stage } from '../../shared/domain/status.ts';
import { presentHook } from '../../shared/domain/strategy.ts';
import { SlipwayError } from '../../shared/errors/base.ts';
import { FenceLost, StageFailed } from '../../shared/errors/deployments.ts';
import type { GuardedRequest, GuardedResponse } from '../../shared/net/guarded-fetch.ts';
import { signWebhook } from '../../shared/net/webhook-signature.ts';
import { requireDeployment, stageOf } from '../../shared/store/deployments.ts';
import { beginPreCall, endPreCall } from '../../shared/store/hooks.ts';
import type { TargetsDeps } from './deps.ts';
import { shown } from './outcome.ts';
import { repeatedly } from './repeatedly.ts';
import { openWork, type Work } from './work.ts';

/** The largest answer that is read, and how much of it the log shows. */
const MAX_BYTES = 1024 * 1024;
const SHOWN_CHARACTERS = 2000;

/**
 * Makes the calls of the pre hooks, in their order, before anything is placed. One that has ended is not made again:
 * what it ended with counts.
 * @throws StageFailed HOOK_FAILED with the first that fails; FenceLost where the deployment is ending
 */
export async function callPreHooks(deps: TargetsDeps, work: Work): Promise<void> {
  const { deployment } = work;
  const { id, snapshot } = deployment;
  for (const hook of preCalls(snapshot)) {
    const known = runOf(deployment, 'pre', hook.name);
    if (known?.status === 'succeeded') continue;
    if (known?.status === 'failed')
      throw new StageFailed('HOOK_FAILED', known.message ?? `The pre hook ${hook.name} failed.`);
    await beginPreCall(deps.store, id, hook.name);
    const answer = await call(deps, inStepOf(work, hook), hook, 'pre');
    await endPreCall(deps.store, id, hook.name, answer);
    if (!answer.passed) throw new StageFailed('HOOK_FAILED', answer.message);
  }
}

/** Makes the call of the present round's post hook; what it means for the deployment is its caller's to say. */
export async function callPostHook(
  deps: TargetsDeps,
  { deploymentId, round }: z.infer<typeof hookCall>,
  untilCut: AbortSignal,
): Promise<HookAnswer> {
  const deployment = await requireDeployment(deps.store, deploymentId);
  const hook = presentHook(deployment);
  if (deployment.activation?.round !== round || hook?.type !== 'http')
    return { passed: false, message: 'The activation has gone on since.' };
  const signal = AbortSignal.any([untilCut, AbortSignal.timeout(DIRECT_CALL_SECONDS.hook * 1000)]);
  const attempt = stageOf(deployment, 'activate')?.attempts ?? 1;
  const producer = `hook.${round}.${attempt}`;
  const work = await openWork(deps, deployment, { step: hookStep(hook.name), producer, signal });
  try {
    return await call(deps, work, hook, 'post');
  } finally {
    await work.log.settled();
  }
}

const inStepOf = (work: Work, { name }: HttpHook): Work => ({
  ...work,
  log: work.log.inStep(hookStep(name)),
});

const STAGE_OF: Readonly<Record<HookPhase, Stage>> = { pre: 'release', post: 'activate' };

async function call(deps: TargetsDeps, work: Work, hook: HttpHook, phase: HookPhase): Promise<HookAnswer> {
  const { log } = work;
  const what = `${hook.method ?? 'POST'} to ${hostOf(hook.url)}`;
  try {
    const { status } = await repeatedly(deps, work, STAGE_OF[phase], () => once(deps, work, hook, phase));
    const message = `${what} answered ${status}.`;
    log.add('info', message);
    return { passed: true, message };
  } catch (error) {
    if (error instanceof FenceLost || !(error instanceof SlipwayError)) throw error;
    deps.log.warn('A hook failed.', shown(error, log));
    const message = log.mask(`The ${phase} hook ${hook.name} failed: ${error.message}`);
    log.add('error', message);
    return { passed: false, message };
  }
}

/** @throws StageFailed where the answer is none that counts, retryable where another may come in a moment */
async function once(
  deps: TargetsDeps,
  work: Work,
  hook: HttpHook,
  phase: HookPhase,
): Promise<GuardedResponse> {
  const answer = await deps.fetch(requestOf(deps, work, hook, phase));
  sayAnswer(work, answer);
  const { status } = answer;
  const { expectStatus } = hook;
  if (expectStatus === undefined ? status >= 200 && status < 300 : status === expectStatus) return answer;
  const wanted = expectStatus === undefined ? '' : `, not ${expectStatus}`;
  throw new StageFailed('HOOK_FAILED', `${hostOf(hook.url)} answered ${status}${wanted}.`, {
    fault: 'platform',
    retryable: status === 429 || status >= 500,
  });
}

function requestOf(
  { store }: TargetsDeps,
  { deployment, ctx, signing }: Work,
  hook: HttpHook,
  phase: HookPhase,
): GuardedRequest {
  const { url, method = 'POST', headers = {}, secret } = hook;
  const body = method === 'GET' ? '' : JSON.stringify(bodyOf(deployment, ctx.projectName, hook.name, phase));
  // The same for every attempt, so that its receiver can drop repeats.
  const id = `hook_${deployment.id}_${phase}_${hook.name}`;
  const message = { id, timestamp: Math.floor(store.clock.now() / 1000), body };
  return {
    url,
    method,
    headers: {
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      'webhook-id': id,
      'webhook-timestamp': String(message.timestamp),
      ...(secret === undefined ? {} : signWebhook(message, [secretFor(deployment, signing, secret)])),
    },
    ...(method === 'GET' ? {} : { body }),
    timeoutMs: hookSeconds(hook) * 1000,
    maxBytes: MAX_BYTES,
    // A hook says where it is; what leads elsewhere is an answer that does not count.
    maxRedirects: 0,
    signal: ctx.signal,
  };
}

function secretFor({ environment }: Deployment, signing: Work['signing'], name: string): string {
  const secret = signing[name];
  if (secret !== undefined) return secret;
  throw new StageFailed('INVALID_CONFIG', `${environment} has no sensitive variable ${name} to sign with.`);
}

function bodyOf(deployment: Deployment, project: string, hook: string, phase: HookPhase): HookBody {
  const { id, type, projectId, environment, versionNumber, source, url } = deployment;
  return {
    hook,
    phase,
    deployment: {
      id,
      type,
      projectId,
      project,
      environment,
      versionNumber,
      ref: source.ref,
      ...(source.commit === undefined ? {} : { commit: source.commit.sha }),
      ...(url === undefined ? {} : { url }),
    },
  };
}

function sayAnswer({ log }: Work, { body }: GuardedResponse): void {
  // Masked before it is cut: the first half of a secret would not be known for one any more.
  const text = log.mask(body.toString('utf8').trim());
  if (text === '') return;
  const rest = text.length - SHOWN_CHARACTERS;
  log.add('info', rest > 0 ? `${text.slice(0, SHOWN_CHARACTERS)} (and ${rest} more characters)` : text);
}

/** Path and query of an address may hold a secret. */
const hostOf = (url: string) => URL.parse(url)?.host ?? 'its address';
