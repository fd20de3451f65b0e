import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ulid } from 'ulid';
import { type Objects, objectsOf } from '../../shared/platform/objects.ts';
import { emulatorClient } from './aws.ts';

export interface TestBucket {
  readonly name: string;
  readonly client: S3Client;
  readonly objects: Objects;
  put(key: string, body: string | Uint8Array): Promise<void>;
}

/** An empty bucket of its own for a test. */
export async function freshBucket(): Promise<TestBucket> {
  const client = new S3Client({ ...emulatorClient(), forcePathStyle: true });
  const name = `test-${ulid().toLowerCase()}`;
  await client.send(new CreateBucketCommand({ Bucket: name }));
  return {
    name,
    client,
    objects: objectsOf(name, client),
    put: async (Key, Body) => {
      await client.send(new PutObjectCommand({ Bucket: name, Key, Body }));
    },
  };
}
