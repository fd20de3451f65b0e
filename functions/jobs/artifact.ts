import * as z from 'zod/mini';
import { artifactPlace, artifactRequest } from '../../shared/contracts/job-results.ts';
import { isTerminal } from '../../shared/domain/status.ts';
import { Refused } from '../../shared/errors/requests.ts';
import { builtArtifactKey } from '../../shared/platform/upload-keys.ts';
import { requireDeployment } from '../../shared/store/deployments.ts';
import { verifyJobToken } from '../../shared/store/jobs.ts';
import { bearerOf } from '../http/auth.ts';
import { ok } from '../http/reply.ts';
import { defineRoute } from '../http/route.ts';
import type { JobsDeps } from './deps.ts';

/** An upload must have begun by then; a runner that comes later asks again. */
const UPLOAD_SECONDS = 900;

/**
 * Where a build puts its artifact, once it knows what that is: the link takes exactly these bytes, and its key names
 * them, so that no other link of the job can replace what was reported.
 */
export const artifact = defineRoute<JobsDeps>()({
  method: 'POST',
  path: '/v1/jobs/{jobKey}/artifact',
  auth: 'own',
  params: z.strictObject({ jobKey: z.string().check(z.maxLength(120)) }),
  body: artifactRequest,
  summary: 'A link under which a build job uploads exactly the artifact that it names.',
  answer: { status: 200, schema: artifactPlace },
  problems: ['JOB_GONE'],
  handle: async ({ deps, params, headers, body }) => {
    const job = await verifyJobToken(deps.store, params.jobKey, bearerOf(headers));
    if (job.kind !== 'build' || job.state !== 'claimed') throw gone('This job takes no artifact any more.');
    const deployment = await requireDeployment(deps.store, job.deploymentId);
    if (isTerminal(deployment.status) || deployment.settling !== undefined) {
      throw gone('The deployment of this job is ending.');
    }
    const { digest, size } = body;
    const place = await deps.artifacts.signPut(
      {
        key: builtArtifactKey(job.deploymentId, job.round, digest),
        contentType: 'application/zip',
        sha256: digest,
        size,
      },
      { seconds: UPLOAD_SECONDS },
    );
    return ok(place);
  },
});

const gone = (message: string) => new Refused('JOB_GONE', message, { suggestion: 'Nothing is left to do.' });
