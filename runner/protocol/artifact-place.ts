import {
  type ArtifactPlace,
  type ArtifactRequest,
  artifactPlace,
} from '../../shared/contracts/job-results.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { callService } from './call.ts';
import type { PostedJob } from './link.ts';

/**
 * Asks where the artifact goes; the link takes these bytes and no others.
 * @throws Unanswered; StageFailed (UPLOAD_FAILED) where the service does not want it
 */
export async function artifactPlaceFor(
  base: string,
  job: Pick<PostedJob, 'jobKey' | 'jobToken'>,
  artifact: ArtifactRequest,
  signal: AbortSignal,
): Promise<ArtifactPlace> {
  const path = `/jobs/${encodeURIComponent(job.jobKey)}/artifact`;
  const answer = await callService({ base, path, token: job.jobToken, body: artifact, signal });
  const parsed = artifactPlace.safeParse(answer.body);
  if (answer.status === 200 && parsed.success) return parsed.data;
  throw new StageFailed(
    'UPLOAD_FAILED',
    `The service names no place for the artifact (status ${answer.status}).`,
    { suggestion: 'See whether the runner is of the same version as the service, then deploy again.' },
  );
}
