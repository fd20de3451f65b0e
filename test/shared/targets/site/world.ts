import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFrontClient, CreateKeyValueStoreCommand } from '@aws-sdk/client-cloudfront';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { ulid } from 'ulid';
import { type Edge, type EdgeOrigin, startEdge } from '../../../../local/edge/edge.ts';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { edgeStoreClient } from '../../../../shared/platform/edge-store.ts';
import { systemRandom } from '../../../../shared/platform/random.ts';
import { type SiteSettings, siteTarget } from '../../../../shared/targets/site/adapter.ts';
import { edgeHosting } from '../../../../shared/targets/site/hosting-edge.ts';
import { KeyValues } from '../../../../shared/targets/site/key-values.ts';
import type { ArtifactReader, Target, TargetContext } from '../../../../shared/targets/target.ts';
import { emulatorClient } from '../../../support/aws.ts';

/** A real bucket, key-value store and edge server for one test file. */
export interface SiteWorld extends AsyncDisposable {
  readonly s3: S3Client;
  readonly origin: EdgeOrigin;
  readonly edge: Edge;
  readonly stateFile: string;
  readonly keys: KeyValues;
  readonly target: Target<SiteSettings>;
}

export async function siteWorld(): Promise<SiteWorld> {
  const client = emulatorClient();
  const name = `sites-${ulid().toLowerCase()}`;
  const s3 = new S3Client(client);
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  const made = await new CloudFrontClient(client).send(new CreateKeyValueStoreCommand({ Name: name }));
  const kvsArn = made.KeyValueStore?.ARN ?? '';
  const origin = { endpoint: client.endpoint, bucket: name, kvsArn };

  const dir = await mkdtemp(join(tmpdir(), 'slipway-edge-'));
  const stateFile = join(dir, 'edge.json');
  const edge = await startEdge({ stateFile, origin });
  const { endpoint, ...rest } = client;
  const keys = new KeyValues({
    client: edgeStoreClient(rest, endpoint),
    storeArn: kvsArn,
    clock: systemClock,
    random: systemRandom,
  });
  const hosting = edgeHosting({ adminUrl: edge.adminUrl }, fetch);
  const target = siteTarget({
    s3,
    bucket: name,
    keys,
    hosting,
    fetch,
    clock: systemClock,
    random: systemRandom,
  });
  return {
    ...{ s3, origin, edge, stateFile, keys, target },
    async [Symbol.asyncDispose]() {
      await edge.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type Files = Readonly<Record<string, string | Uint8Array>>;

export function artifactOf(files: Files): ArtifactReader {
  const entries = Object.entries(files).map(([path, content]) => ({ path, bytes: Buffer.from(content) }));
  return {
    digest: 'a'.repeat(64),
    link: () => Promise.reject(new Error('A site reads the files, not the zip.')),
    size: entries.reduce((sum, { bytes }) => sum + bytes.length, 0),
    files: async () =>
      entries.map(({ path, bytes }) => ({
        path,
        size: bytes.length,
        read: async () => new Uint8Array(bytes),
      })),
  };
}

export interface Deployment extends TargetContext<SiteSettings> {
  readonly lines: { readonly level: string; readonly message: string }[];
}

/** One environment of one project, and deployments to it with rising fences. */
export function environment(projectName = 'shop') {
  const projectId = `prj_${ulid()}`;
  let fence = 0;
  return {
    projectId,
    deployment(files: Files, overrides: Partial<TargetContext<SiteSettings>> = {}): Deployment {
      fence += 1;
      const lines: Deployment['lines'] = [];
      return {
        deploymentId: `dep_${ulid()}`,
        projectId,
        projectName,
        environment: 'production',
        settings: { kind: 'site' },
        configuration: {},
        parameters: {},
        variables: {},
        fence,
        artifact: artifactOf(files),
        log: (level, message) => lines.push({ level, message }),
        assertMayChange: async () => {},
        signal: AbortSignal.timeout(60_000),
        lines,
        ...overrides,
      };
    },
  };
}

/** Places and activates a release, as the release and activate stages do. */
export async function goLive(target: Target<SiteSettings>, ctx: Deployment): Promise<string> {
  await target.prepare(ctx);
  const { releaseId } = await target.start(ctx);
  await target.activate({ ...ctx, releaseId });
  return (await target.liveAddress(ctx))?.url ?? '';
}
