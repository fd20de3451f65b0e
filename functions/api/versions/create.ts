import { createdVersion, versionRequest } from '../../../shared/contracts/versions.ts';
import type { Project, Version } from '../../../shared/domain/records.ts';
import { PrerequisitesNotMet } from '../../../shared/errors/requests.ts';
import { uploadedArtifactKey } from '../../../shared/platform/upload-keys.ts';
import { transact } from '../../../shared/store/engine.ts';
import type { FirstAnswer } from '../../../shared/store/idempotency.ts';
import { requireProject } from '../../../shared/store/projects.ts';
import { newVersion } from '../../../shared/store/versions.ts';
import { asFirstAnswer, created } from '../../http/reply.ts';
import { type ApiDeps, route } from '../deps.ts';
import { untilWritten } from '../patching.ts';
import { projectParams } from '../projects/read.ts';
import { viewOfVersion } from './view.ts';

export const postVersion = route({
  method: 'POST',
  path: '/v1/projects/{projectId}/versions',
  summary: 'Make a version: of a git ref, or of a zip that is then PUT to `upload.url` and completed.',
  auth: { role: 'deployer' },
  params: projectParams,
  body: versionRequest,
  answer: { status: 201, schema: createdVersion },
  problems: ['PROJECT_NOT_FOUND', 'PREREQUISITES_NOT_MET'],
  renew: withUpload,
  handle: ({ params, body, actor, deps, idempotency }) =>
    untilWritten('the versions of the project', async () => {
      const project = await requireProject(deps.store, params.projectId);
      if (body.source.type === 'git') requireRepository(project);
      const { version, writes } = newVersion(deps.store, project, { ...body, createdBy: actor.subject });
      const path = `/v1/projects/${project.id}/versions/${version.id}`;
      const reply = created(viewOfVersion(version), path);
      const first = asFirstAnswer(reply);
      const kept = idempotency === undefined ? [] : [idempotency.write(first, version.id)];
      await transact(deps.store, [...writes, ...kept]);
      return { ...reply, body: (await withUpload(first, deps)).body };
    }),
});

function requireRepository(project: Project): void {
  if (project.repository !== undefined) return;
  throw new PrerequisitesNotMet([
    {
      field: '/source',
      message: 'the project has no repository',
      code: 'NO_REPOSITORY',
      suggestion: 'Set repository.url of the project, or upload a zip.',
    },
  ]);
}

/**
 * Adds where to put the zip. The signed URL is a credential, so it is made for each answer and never kept;
 * it is dated with the version's creation, so a repeat gets the same one while it is good.
 */
async function withUpload(answer: FirstAnswer, deps: ApiDeps): Promise<FirstAnswer> {
  // The body is what this route put into the first answer.
  const version = answer.body as Version;
  if (version.source.type !== 'upload') return answer;
  const { sha256, size } = version.source;
  const key = uploadedArtifactKey(version.projectId, version.id);
  const artifacts = await deps.artifacts();
  const upload = await artifacts.signUpload({ key, sha256, size, signedAt: Date.parse(version.createdAt) });
  return { ...answer, body: { ...version, upload } };
}
