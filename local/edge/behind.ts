import { join } from 'node:path';
import { GetKeyCommand } from '@aws-sdk/client-cloudfront-keyvaluestore';
import { S3Client } from '@aws-sdk/client-s3';
import { edgeStoreClient } from '../../shared/platform/edge-store.ts';
import { missStore } from '../../shared/targets/site/miss-store.ts';
import { LOCAL_AWS } from '../emulator/settings.ts';
import { ROOT } from '../paths.ts';
import type { Behind } from './serve.ts';
import {
  type EdgeRequest,
  type EdgeResponse,
  type FunctionStore,
  loadViewerFunction,
} from './viewer-function.ts';

/** Where releases and the switch are: outputs of the deployed stacks. */
export interface EdgeOrigin {
  readonly endpoint: string;
  readonly bucket: string;
  readonly kvsArn: string;
}

const FUNCTIONS = join(ROOT, 'infra', 'edge');
const STORE_MS = 5000;

export async function behindSites({ endpoint, bucket, kvsArn }: EdgeOrigin): Promise<Behind> {
  const { region, accessKeyId, secretAccessKey } = LOCAL_AWS;
  const options = { region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 2 };
  const s3 = new S3Client({ ...options, endpoint, forcePathStyle: true });
  const keyValues = edgeStoreClient(options, endpoint);

  const store: FunctionStore = {
    async get(key) {
      const answer = await keyValues.send(new GetKeyCommand({ KvsARN: kvsArn, Key: key }), {
        abortSignal: AbortSignal.timeout(STORE_MS),
      });
      if (answer.Value === undefined) throw new TypeError(`${key} has no value`);
      return answer.Value;
    },
  };
  return {
    s3,
    bucket,
    misses: missStore(s3, bucket),
    viewerRequest: await loadViewerFunction<EdgeRequest | EdgeResponse>(
      join(FUNCTIONS, 'viewer-request.js'),
      store,
    ),
    viewerResponse: await loadViewerFunction<EdgeResponse>(join(FUNCTIONS, 'viewer-response.js'), store),
  };
}
