import { StageFailed } from '../../errors/deployments.ts';
import { InternalError } from '../../errors/requests.ts';
import type { ArtifactReader, TargetContext } from '../target.ts';
import type { SiteSettings } from './adapter.ts';
import { withBounds } from './bounds.ts';
import { etagOf, type SitesBucket, sha256Of } from './bucket.ts';
import type { FileList, Manifest } from './manifest.ts';
import { type Placement, planRelease, type ReleasePlan } from './plan.ts';
import {
  fileListKey,
  manifestKey,
  RELEASE_METADATA,
  releaseKey,
  releasePrefix,
  sharedAssetKey,
} from './site.ts';

type ArtifactFile = Awaited<ReturnType<ArtifactReader['files']>>[number];
type Listed = FileList['files'][number];

/**
 * Stores a release, not yet live: every file under each of its keys, then the manifests, the small one last.
 * Safe to repeat: what is there with the same bytes is not sent again.
 */
export async function placeRelease(bucket: SitesBucket, ctx: TargetContext<SiteSettings>): Promise<void> {
  const artifact = ctx.artifact;
  if (artifact === undefined)
    throw new InternalError('A site is released from an artifact, and there is none.');
  const files = await artifact.files();
  const plan = planRelease(
    files.map((file) => file.path),
    ctx.settings.fallback,
  );
  tellAbout(plan, ctx);
  const stored = await bucket.list(releasePrefix(ctx.deploymentId), ctx.signal);
  const listed = await placeFiles({ bucket, ctx, stored }, plan, files);
  await writeManifests(bucket, ctx, plan, artifact.digest, listed);
  const what = `${counted(listed.length, 'file')} (${counted(plan.pages, 'page')})`;
  ctx.log('info', `Stored ${what} as release ${ctx.deploymentId}.`);
}

const counted = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;

function tellAbout(plan: ReleasePlan, ctx: TargetContext<SiteSettings>): void {
  if (plan.placements.length === 0) {
    throw new StageFailed('RELEASE_FAILED', 'The artifact holds no file that can be published.', {
      suggestion: 'Check build.outputDirectory: it names the folder whose contents become the site.',
    });
  }
  if (plan.hidden.length > 0) {
    ctx.log('info', `Left out ${plan.hidden.length} hidden files, such as ${plan.hidden[0]}.`);
  }
  if (!plan.placements.some((placement) => placement.path === 'index.html')) {
    ctx.log('warn', 'There is no index.html, so the site has no start page.');
  }
  if (ctx.settings.fallback === '404' && plan.fallback !== '404') {
    ctx.log('warn', 'The target asks for its own page for unknown addresses, but there is no 404.html.');
  }
}

interface Placing {
  readonly bucket: SitesBucket;
  readonly ctx: TargetContext<SiteSettings>;
  /** ETag by key of what an earlier attempt left. */
  readonly stored: ReadonlyMap<string, string>;
}

async function placeFiles(
  placing: Placing,
  plan: ReleasePlan,
  files: readonly ArtifactFile[],
): Promise<readonly Listed[]> {
  const byPath = new Map(plan.placements.map((placement) => [placement.path, placement]));
  const work = files.flatMap((file) => {
    const placement = byPath.get(file.path);
    return placement === undefined ? [] : [{ file, placement, size: file.size }];
  });
  const listed: Listed[] = [];
  await withBounds(work, async ({ file, placement }) => {
    placing.ctx.signal.throwIfAborted();
    const body = await file.read();
    await placeFile(placing, placement, body);
    listed.push({ path: file.path, size: body.byteLength, sha256: sha256Of(body) });
  });
  return listed.sort((one, other) => (one.path < other.path ? -1 : 1));
}

async function placeFile(
  { bucket, ctx, stored }: Placing,
  placement: Placement,
  body: Uint8Array,
): Promise<void> {
  const object = { body, contentType: placement.contentType, cacheControl: placement.cacheControl };
  const metadata = { [RELEASE_METADATA]: ctx.deploymentId };
  const etag = etagOf(body);
  for (const path of placement.keys) {
    const key = releaseKey(ctx.deploymentId, path);
    if (stored.get(key) !== etag) await bucket.put({ ...object, key, metadata }, ctx.signal);
  }
  if (placement.shared) {
    // Named by its content: whoever put it first put the same.
    await bucket.put({ ...object, key: sharedAssetKey(ctx, placement.path), onlyIfAbsent: true }, ctx.signal);
  }
}

async function writeManifests(
  bucket: SitesBucket,
  ctx: TargetContext<SiteSettings>,
  plan: ReleasePlan,
  digest: string,
  files: readonly Listed[],
): Promise<void> {
  const release = ctx.deploymentId;
  const { projectId, environment } = ctx;
  const list: FileList = { v: 1, release, files: [...files] };
  const small: Manifest = {
    ...{ v: 1, release, projectId, environment, fallback: plan.fallback, digest },
    ...{ files: files.length, pages: plan.pages },
  };
  for (const [key, value] of [
    [fileListKey(release), list],
    [manifestKey(release), small],
  ] as const) {
    const body = Buffer.from(JSON.stringify(value));
    await bucket.put({ key, body, contentType: 'application/json', cacheControl: 'no-store' }, ctx.signal);
  }
}
