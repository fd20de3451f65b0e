import * as z from 'zod/mini';
import {
  artifactLink,
  type DeploymentResult,
  deploymentResult,
} from '../../../shared/contracts/deployment-result.ts';
import type { Deployment, EndedDeployment } from '../../../shared/domain/records.ts';
import { isTerminal } from '../../../shared/domain/status.ts';
import { Conflict, Refused } from '../../../shared/errors/requests.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { untagged } from '../../http/reply.ts';
import { deploymentParams, findDeployment } from '../../reads/deployment.ts';
import { type ApiDeps, route } from '../deps.ts';

/** A link to an artifact works this long, in seconds. */
const LINK_SECONDS = 900;

export const getDeploymentArtifacts = route({
  method: 'GET',
  path: '/v1/deployments/{deploymentId}/artifacts',
  summary: 'What the deployment made live, as links that work for 15 minutes.',
  auth: 'signed-in',
  params: deploymentParams,
  query: z.strictObject({}),
  answer: { status: 200, schema: z.strictObject({ items: z.array(artifactLink) }) },
  problems: ['DEPLOYMENT_NOT_FOUND', 'DEPLOYMENT_FAILED'],
  handle: async ({ params, actor, deps }) => {
    const deployment = await findDeployment(deps.store, actor, params.deploymentId);
    assertMadeSomething(deployment);
    return untagged({ items: await linksTo(deps, deployment) });
  },
});

export const getDeploymentResult = route({
  method: 'GET',
  path: '/v1/deployments/{deploymentId}/result',
  summary: 'What came of a deployment, once it has ended.',
  auth: 'signed-in',
  params: deploymentParams,
  query: z.strictObject({}),
  answer: { status: 200, schema: deploymentResult },
  problems: ['DEPLOYMENT_NOT_FOUND', 'INVALID_STATE'],
  handle: async ({ params, actor, deps }) => {
    const deployment = await findDeployment(deps.store, actor, params.deploymentId);
    if (!hasEnded(deployment)) {
      throw new Conflict('INVALID_STATE', `Deployment ${deployment.id} has not ended yet.`, {
        suggestion: `Ask again when it has: GET /v1/deployments/${deployment.id}?wait=25 waits for it.`,
        retryable: true,
        facts: { status: deployment.status },
      });
    }
    const links = await linksTo(deps, deployment);
    return untagged(
      resultOf(
        deployment,
        links.map(({ url }) => url),
      ),
    );
  },
});

/** @throws Refused DEPLOYMENT_FAILED, with how it ended, where it failed before there was anything to link to */
function assertMadeSomething(deployment: Deployment): void {
  const error = 'error' in deployment ? deployment.error : undefined;
  if (error === undefined || deployment.artifact !== undefined) return;
  const { code, stage, message, suggestion, recovery } = error;
  throw new Refused(
    'DEPLOYMENT_FAILED',
    `Deployment ${deployment.id} made nothing that could be fetched: ${message}`,
    {
      suggestion,
      facts: { deploymentId: deployment.id, status: deployment.status, stage, recovery, cause: code },
    },
  );
}

const hasEnded = (deployment: Deployment): deployment is EndedDeployment => isTerminal(deployment.status);

async function linksTo(deps: ApiDeps, { artifact }: Deployment) {
  if (artifact === undefined) return [];
  const { objects } = await deps.artifacts();
  const { key, digest, size, files } = artifact;
  const url = await objects.signGet(key, { seconds: LINK_SECONDS });
  const expiresAt = isoTime(deps.store.clock.now() + LINK_SECONDS * 1000);
  return [{ id: digest.slice(0, 12), digest, size, files, url, expiresAt }];
}

function resultOf(deployment: EndedDeployment, artifactUrls: string[]): DeploymentResult {
  const { id, status, releaseState, url, previewUrls, artifact, durationSeconds, cost, validation } =
    deployment;
  const error = 'error' in deployment ? deployment.error : undefined;
  return {
    id,
    success: status === 'succeeded',
    status,
    releaseState,
    ...(url === undefined ? {} : { deploymentUrl: url }),
    previewUrls: [...previewUrls],
    artifactUrls,
    metrics: {
      durationSeconds,
      ...(artifact === undefined ? {} : { buildSize: artifact.size, buildFiles: artifact.files }),
      ...(cost.buildSeconds === 0 ? {} : { buildTime: cost.buildSeconds }),
    },
    // The contract's optional members may not be undefined; the record leaves out what it does not know.
    errors: error === undefined ? [] : [error as DeploymentResult['errors'][number]],
    warnings: [...validation.warnings],
    summary: summaryOf(deployment, error?.message),
  };
}

function summaryOf(
  { versionNumber, environment, status, url, durationSeconds }: EndedDeployment,
  why?: string,
) {
  const what = `Version ${versionNumber} to ${environment}: ${status} after ${durationSeconds} s`;
  if (status === 'succeeded') return url === undefined ? `${what}.` : `${what}, served at ${url}.`;
  return why === undefined ? `${what}.` : `${what}. ${why}`;
}
