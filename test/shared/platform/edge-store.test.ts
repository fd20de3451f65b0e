import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CloudFrontKeyValueStoreClient, GetKeyCommand } from '@aws-sdk/client-cloudfront-keyvaluestore';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { edgeStoreClient } from '../../../shared/platform/edge-store.ts';

interface Sent {
  readonly hostname: string;
  readonly headers: Record<string, string>;
}

/** The request that would leave for AWS, of a client made by the given factory. */
async function sentBy(makeClient: typeof edgeStoreClient, endpoint?: string): Promise<Sent> {
  let sent: Sent | undefined;
  const client: CloudFrontKeyValueStoreClient = makeClient(
    {
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret key of this test' },
      maxAttempts: 1,
    },
    endpoint,
  );
  client.middlewareStack.add(
    () => async (args) => {
      // The last step sees the signed HTTP request.
      sent = args.request as Sent;
      throw new RangeError('nothing is sent in this test');
    },
    { step: 'finalizeRequest', priority: 'low', name: 'catch' },
  );
  const KvsARN = 'arn:aws:cloudfront::111122223333:key-value-store/abc';
  await expect(client.send(new GetKeyCommand({ KvsARN, Key: 'k' }))).rejects.toThrow('nothing is sent');
  return sent ?? expect.unreachable('the middleware ran');
}

const SIGV4A = {
  hostname: '111122223333.cloudfront-kvs.global.api.aws',
  algorithm: 'AWS4-ECDSA-P256-SHA256',
};
const factsOf = ({ hostname, headers }: Sent) => ({
  hostname,
  algorithm: headers['authorization']?.split(' ')[0],
});

test('on AWS the account stands before the host and the call is signed with SigV4A', async () => {
  expect(factsOf(await sentBy(edgeStoreClient))).toEqual(SIGV4A);
});

test('a given endpoint is used as it is, with SigV4', async () => {
  expect(factsOf(await sentBy(edgeStoreClient, 'http://127.0.0.1:4566'))).toEqual({
    hostname: '127.0.0.1',
    algorithm: 'AWS4-HMAC-SHA256',
  });
});

test('bundling a function does not lose SigV4A, which is only imported for its effect', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bundle-'));
  try {
    const outfile = join(folder, 'index.cjs');
    await build({
      entryPoints: [join(import.meta.dirname, '../../../shared/platform/edge-store.ts')],
      ...{
        outfile,
        bundle: true,
        minify: true,
        platform: 'node',
        format: 'cjs',
        mainFields: ['module', 'main'],
      },
    });
    const bundled: { edgeStoreClient: typeof edgeStoreClient } = createRequire(import.meta.url)(outfile);
    expect(factsOf(await sentBy(bundled.edgeStoreClient))).toEqual(SIGV4A);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
