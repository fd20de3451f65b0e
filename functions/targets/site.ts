import type { TargetsEnv } from '../../shared/contracts/env.ts';
import { clientOptions, metered } from '../../shared/platform/aws.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { systemRandom } from '../../shared/platform/random.ts';
import type { SiteTargetOptions } from '../../shared/targets/site/create.ts';

/** One file of a release may have 256 MB; the default deadline is for calls that carry next to nothing. */
const UPLOAD_MS = 300_000;

/** What sites need; the clients' code is loaded with the first site. */
export async function siteOptions(env: TargetsEnv): Promise<SiteTargetOptions> {
  const [{ S3Client }, { CloudFrontClient }, { edgeStoreClient }] = await Promise.all([
    import('../../shared/platform/sdk/s3.ts'),
    import('../../shared/platform/sdk/cloudfront.ts'),
    import('../../shared/platform/edge-store.ts'),
  ]);
  return {
    sitesBucket: env.SITES_BUCKET,
    storeArn: env.EDGE_KEY_VALUE_STORE,
    hosting: env.SITE_HOSTING,
    s3: metered(new S3Client(clientOptions(UPLOAD_MS))),
    keyValueStore: metered(edgeStoreClient(clientOptions())),
    cloudFront: metered(new CloudFrontClient(clientOptions())),
    // Addresses of our own: the edge server's admin address and the sites themselves.
    fetch,
    clock: systemClock,
    random: systemRandom,
  };
}
