import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { expect, test, vi } from 'vitest';
import { objectsOf } from '../../../shared/platform/objects.ts';
import { freshBucket } from '../../support/bucket.ts';

test('the last bytes of an object are all that it has where it has fewer, be it none', async () => {
  const bucket = await freshBucket();
  await bucket.put('long', 'abcdefgh');
  await bucket.put('short', 'ab');
  await bucket.put('empty', '');
  const last = async (key: string) => {
    const bytes = await bucket.objects.read(key, { last: 3 });
    return bytes && Buffer.from(bytes).toString();
  };
  expect(await Promise.all(['long', 'short', 'empty', 'absent'].map(last))).toEqual([
    'fgh',
    'ab',
    '',
    undefined,
  ]);
});

test('an empty object has no last bytes for S3 itself, which is no failure', async () => {
  const client = new S3Client({});
  const refusal = { name: 'InvalidRange', $fault: 'client', $metadata: { httpStatusCode: 416 } } as const;
  vi.spyOn(client, 'send').mockImplementation(() => Promise.reject(new S3ServiceException(refusal)));
  const objects = objectsOf('bucket', client);
  expect(await objects.read('empty', { last: 3 })).toHaveLength(0);
  await expect(objects.read('short', { from: 3, to: 5 })).rejects.toThrow();
});
