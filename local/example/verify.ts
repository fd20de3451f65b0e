import { createHash } from 'node:crypto';
import { unwrap } from '../../client/src/result.ts';
import { Slipway } from '../../client/src/slipway.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import { StartFailure } from '../failure.ts';
import { filesOf } from './archive.ts';
import { compareServed } from './compare.ts';

export interface Service {
  readonly url: string;
  readonly token: string;
}

const DOWNLOAD_MS = 60_000;

/**
 * Compares what the deployment's address serves with the artifact that the service stored for it, file by file.
 * Answers with the exit code: 0 only if all agree.
 */
export async function verifyExample(
  service: Service,
  deployment: DeploymentView,
  say: (line: string) => void,
): Promise<number> {
  if (deployment.url === undefined) throw new StartFailure(`Deployment ${deployment.id} says no address.`);
  const files = await filesOf(await download(service, deployment.id));
  const { fetched, differences } = await compareServed(deployment.url, files);
  for (const difference of differences) say(difference);
  if (differences.length > 0) {
    say(`${differences.length} of ${fetched} addresses don't serve what was built.`);
    return 1;
  }
  say(`All ${fetched} addresses of ${deployment.url} serve exactly what was built (${files.length} files).`);
  return 0;
}

async function download(service: Service, deploymentId: string): Promise<Buffer> {
  const { items } = unwrap(await new Slipway(service).deployments.artifacts(deploymentId));
  const [link] = items;
  if (link === undefined) throw new StartFailure(`Deployment ${deploymentId} has no artifact.`);
  const response = await fetch(link.url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
  if (!response.ok)
    throw new StartFailure(`The artifact of ${deploymentId} can't be downloaded (${response.status}).`);
  const zip = Buffer.from(await response.arrayBuffer());
  const digest = createHash('sha256').update(zip).digest('hex');
  if (digest !== link.digest)
    throw new StartFailure(`The artifact of ${deploymentId} is not the one that was built.`);
  return zip;
}
