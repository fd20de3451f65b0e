import type { Artifact } from '../../shared/domain/records.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { Refused } from '../../shared/errors/requests.ts';
import { blocksOf, digestOf } from '../../shared/platform/object-blocks.ts';
import type { Objects } from '../../shared/platform/objects.ts';
import type { ZippedFile } from '../../shared/platform/zip.ts';
import type { ArtifactReader } from '../../shared/targets/target.ts';

/**
 * Reads a deployment's artifact, opened when its files are first asked for. Its digest is checked then, over
 * all bytes: the runner's upload link stays good for a while, so only this says that what goes live is what was
 * reported.
 */
export function artifactReader(objects: Objects, artifact: Artifact, signal: AbortSignal): ArtifactReader {
  let opened: Promise<readonly ZippedFile[]> | undefined;
  return {
    digest: artifact.digest,
    size: artifact.size,
    link: (seconds) => objects.signGet(artifact.key, { seconds }),
    files: () => {
      opened ??= open(objects, artifact, signal);
      return opened;
    },
  };
}

async function open(
  objects: Objects,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<readonly ZippedFile[]> {
  const blocks = blocksOf(objects, artifact.key, artifact.size, signal);
  const digest = await digestOf(blocks);
  if (digest !== artifact.digest) {
    throw new StageFailed(
      'RELEASE_FAILED',
      `The stored artifact has the digest ${digest}, not ${artifact.digest}.`,
      {
        fault: 'service',
        suggestion: 'Deploy again, so that it is built and stored anew.',
      },
    );
  }
  // Only a release reads archives: every other call starts without the code for it.
  const { filesInZip } = await import('../../shared/platform/zip.ts');
  try {
    return await filesInZip(blocks);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new StageFailed('RELEASE_FAILED', error.message, { cause: error, ...suggesting(error) });
  }
}

const suggesting = ({ suggestion }: Refused) => (suggestion === undefined ? {} : { suggestion });
