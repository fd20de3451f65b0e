import type { ResolveAnswer } from '../../shared/contracts/steps.ts';
import { DIRECT_CALL_SECONDS } from '../../shared/domain/deadlines.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { parseSourceUrl } from '../../shared/domain/source-url.ts';
import { SlipwayError } from '../../shared/errors/base.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { resolveRemoteRef } from '../../shared/net/git-refs.ts';
import { readSecret } from '../../shared/platform/secret-values.ts';
import { requireDeployment } from '../../shared/store/deployments.ts';
import { requireEnvironment } from '../../shared/store/environments.ts';
import { requireProject } from '../../shared/store/projects.ts';
import type { TargetsDeps } from './deps.ts';

/** Asks the repository which commit a branch or tag stands for now. Only `https` here; other schemes need a runner. */
export async function resolve(deps: TargetsDeps, id: string, signal: AbortSignal): Promise<ResolveAnswer> {
  const deployment = await requireDeployment(deps.store, id);
  const within = AbortSignal.any([signal, AbortSignal.timeout(DIRECT_CALL_SECONDS.resolve * 1000)]);
  try {
    return await ask(deps, deployment, within);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code === 'INTERNAL') throw error;
    deps.log.info('The ref could not be looked up.', { error });
    return { kind: 'failed', code: codeOf(error), message: wordsOf(error) };
  }
}

async function ask(deps: TargetsDeps, deployment: Deployment, signal: AbortSignal): Promise<ResolveAnswer> {
  const { source } = deployment;
  const { repository, name } = await requireProject(deps.store, deployment.projectId);
  if (repository === undefined || source.type === 'upload') {
    throw new StageFailed('INVALID_CONFIG', `Project ${name} has no repository to take ${source.ref} from.`);
  }
  const { href } = parseSourceUrl(repository.url, ['https']);
  const credential =
    repository.credential === undefined
      ? undefined
      : await credentialOf(deps, deployment, repository.credential);
  const { ref, type } = source;
  const answer = await resolveRemoteRef({ href, ref, type, credential, signal }, deps.fetch);
  return answer.kind === 'resolved'
    ? { kind: 'resolved', sha: answer.sha, ref: answer.ref }
    : { kind: 'unknown-ref', known: [...answer.known] };
}

/** As the environment has it now: the gate has not frozen anything yet, and a renewed token is the one that works. */
async function credentialOf(
  deps: TargetsDeps,
  { projectId, environment, snapshot }: Deployment,
  variable: string,
): Promise<string> {
  const { variables } = await requireEnvironment(deps.store, projectId, environment);
  if (variables[variable]?.sensitive !== true) {
    throw new StageFailed(
      'INVALID_CONFIG',
      `The project names ${variable} as its repository's credential; ${environment} has no sensitive variable of that name.`,
      { suggestion: `Set the variable: slipway vars set ${variable} --sensitive.` },
    );
  }
  return readSecret(deps.secrets, { projectId, environment, snapshot: { ...snapshot, variables } }, variable);
}

type Failed = Extract<ResolveAnswer, { kind: 'failed' }>;

function codeOf({ code, fault }: SlipwayError): Failed['code'] {
  if (code === 'AUTH_FAILED' || code === 'PLATFORM_UNAVAILABLE' || code === 'INVALID_CONFIG') return code;
  return fault === 'caller' ? 'INVALID_CONFIG' : 'PLATFORM_UNAVAILABLE';
}

const wordsOf = ({ message, suggestion }: SlipwayError) =>
  suggestion === undefined ? message : `${message} ${suggestion}`;
