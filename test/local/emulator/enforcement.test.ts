import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL_AWS } from '../../../local/emulator/settings.ts';
import { type Emulator, startEmulator } from '../../../local/emulator/start.ts';
import { INSTALL } from '../../../local/paths.ts';
import { refusalsIn } from '../../support/refusals.ts';

let dir: string;
let emulator: Emulator;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-iam-'));
  emulator = await startEmulator({ dir, install: INSTALL, keepState: false, enforceIam: true });
});
afterAll(async () => {
  await emulator.stop();
  await rm(dir, { recursive: true, force: true });
});

function bucketsAs(accessKeyId: string, secretAccessKey: string): S3Client {
  const { region } = LOCAL_AWS;
  return new S3Client({ endpoint: emulator.endpoint, region, credentials: { accessKeyId, secretAccessKey } });
}

test('a caller that nobody made is refused, and that stands in the log whatever the caller makes of it', async () => {
  const stranger = bucketsAs('AKIAIOSFODNN7EXAMPLE', 'secret');
  await expect(stranger.send(new CreateBucketCommand({ Bucket: 'theirs' }))).rejects.toMatchObject({
    name: 'InvalidAccessKeyId',
  });
  expect(await refusalsIn(dir)).toContainEqual(
    expect.stringMatching(/^IAM refused s3:CreateBucket on .* to nobody/),
  );
});

test('a bucket that refuses plain HTTP can be used, as behind a proxy that ends TLS', async () => {
  const root = bucketsAs(LOCAL_AWS.accessKeyId, LOCAL_AWS.secretAccessKey);
  await root.send(new CreateBucketCommand({ Bucket: 'ours' }));
  const plainHttp = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: ['arn:aws:s3:::ours', 'arn:aws:s3:::ours/*'],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [plainHttp] });
  await root.send(new PutBucketPolicyCommand({ Bucket: 'ours', Policy }));
  const put = await root.send(new PutObjectCommand({ Bucket: 'ours', Key: 'page.html', Body: 'hello' }));
  expect(put.$metadata.httpStatusCode).toBe(200);
});
