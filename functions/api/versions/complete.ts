import * as z from 'zod/mini';
import { versionView } from '../../../shared/contracts/versions.ts';
import type { Version, VersionSource } from '../../../shared/domain/records.ts';
import { Conflict, Refused } from '../../../shared/errors/requests.ts';
import { uploadedArtifactKey } from '../../../shared/platform/upload-keys.ts';
import { changeVersion, requireVersion } from '../../../shared/store/versions.ts';
import { ok } from '../../http/reply.ts';
import { type ApiDeps, route } from '../deps.ts';
import { untilWritten } from '../patching.ts';
import { versionParams } from './read.ts';
import { viewOfVersion } from './view.ts';

export const completeVersion = route({
  method: 'POST',
  path: '/v1/projects/{projectId}/versions/{versionId}/complete',
  summary: 'Check an uploaded zip and make its version deployable; one that is refused stays unusable.',
  auth: { role: 'deployer' },
  params: versionParams,
  body: z.strictObject({}),
  answer: { status: 200, schema: versionView },
  problems: ['PROJECT_NOT_FOUND', 'VERSION_NOT_FOUND', 'INVALID_STATE', 'INVALID_ARTIFACT'],
  handle: ({ params, deps, signal }) =>
    untilWritten('the version', async () => {
      const version = await requireVersion(deps.store, params.projectId, params.versionId);
      const { source } = version;
      if (source.type !== 'upload') {
        throw new Conflict('INVALID_STATE', 'A version of a git ref has nothing to complete.', {
          suggestion: 'Deploy it as it is.',
        });
      }
      if (version.state === 'unusable') throw unusable(version);
      if (version.state === 'ready') return ok(viewOfVersion(version));
      return ok(viewOfVersion(await completed(deps, version, source, signal)));
    }),
});

type Upload = Extract<VersionSource, { type: 'upload' }>;

async function completed(
  deps: ApiDeps,
  version: Version,
  { sha256, size }: Upload,
  signal: AbortSignal,
): Promise<Version> {
  const artifacts = await deps.artifacts();
  const key = uploadedArtifactKey(version.projectId, version.id);
  // A digest that is not there yet is no verdict: the caller may still upload.
  if ((await artifacts.stored(key)) === undefined) throw notUploaded();
  // Evaluated only here: no other route reads archives.
  const { inspectArtifact } = await import('./inspect.ts');
  try {
    const files = await inspectArtifact(artifacts, { key, sha256, size }, signal);
    const artifact = { key, digest: sha256, size, files };
    return await changeVersion(deps.store, version, { state: 'ready', artifact });
  } catch (error) {
    if (error instanceof Refused && error.code === 'INVALID_ARTIFACT') {
      await changeVersion(deps.store, version, { state: 'unusable', problem: error.message.slice(0, 1000) });
    }
    throw error;
  }
}

const notUploaded = () =>
  new Conflict('INVALID_STATE', 'Nothing was uploaded for this version yet.', {
    suggestion: 'PUT the zip to the upload URL first, with the headers that came with it.',
  });

const unusable = (version: Version) =>
  new Refused('INVALID_ARTIFACT', version.problem ?? 'The upload was refused.', {
    suggestion: 'Make the archive anew and create another version with it.',
  });
