import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { clientOptions, metered } from './aws.ts';
import { secretKey } from './secret-values.ts';

/** One value of a sensitive variable. It stays while any rollback candidate names it. */
export interface SecretAddress {
  readonly projectId: string;
  readonly environment: string;
  readonly key: string;
  readonly revision: number;
}

export interface SecretWriter {
  /** Stores a value that was never there; false where this revision has one already. Never rewrites. */
  put(address: SecretAddress, value: string): Promise<boolean>;
  /** Removes every value of a project, or of one environment of it. */
  removeAll(projectId: string, environment?: string): Promise<void>;
}

const prefixOf = (projectId: string, environment?: string) =>
  environment === undefined ? `secrets/${projectId}/` : `secrets/${projectId}/${environment}/`;

export function secretWriter(bucket: string, client = metered(new S3Client(clientOptions()))): SecretWriter {
  return {
    put: async ({ projectId, environment, key, revision }, value) => {
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: secretKey(projectId, environment, key, revision),
            Body: value,
            ContentType: 'text/plain; charset=utf-8',
            IfNoneMatch: '*',
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof S3ServiceException && isTaken(error)) return false;
        throw error;
      }
    },
    removeAll: (projectId, environment) => removePrefix(client, bucket, prefixOf(projectId, environment)),
  };
}

/** 412: there is an object; 409: another writer is putting one right now. */
function isTaken(error: S3ServiceException): boolean {
  const status = error.$metadata.httpStatusCode;
  return status === 412 || status === 409;
}

/** Removes all objects under a prefix, a page of at most 1,000 at a time. */
export async function removePrefix(client: S3Client, bucket: string, prefix: string): Promise<void> {
  let more: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: more }),
    );
    const objects = (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
    if (objects.length > 0) {
      await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
      );
    }
    more = page.NextContinuationToken;
  } while (more !== undefined);
}
