import { createHash } from 'node:crypto';
import { NoSuchKey, NotFound, S3ServiceException } from '@aws-sdk/client-s3';

interface Stored {
  readonly body: Uint8Array;
  readonly etag: string;
}

interface Request {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly Body?: string | Uint8Array;
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
  readonly Range?: string;
  readonly Prefix?: string;
  readonly Delete?: { readonly Objects?: readonly { readonly Key?: string }[] };
}

const METADATA = { $metadata: {} };

/** S3 in memory: whole objects, ranges, conditions on ETags, lists. */
export class Buckets {
  readonly #objects = new Map<string, Stored>();

  put(bucket: string, key: string, body: string | Uint8Array): string {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    this.#objects.set(`${bucket}/${key}`, { body: bytes, etag });
    return etag;
  }

  /** Everything, by bucket and key. */
  all = (): (readonly [place: string, body: Uint8Array])[] =>
    [...this.#objects].map(([place, { body }]) => [place, body] as const);

  get(bucket: string, key: string): Uint8Array | undefined {
    return this.#objects.get(`${bucket}/${key}`)?.body;
  }

  execute(operation: string, input: object): object {
    // Which input belongs to which command is the SDK's promise.
    const request = input as Request;
    const place = `${request.Bucket}/${request.Key}`;
    const found = this.#objects.get(place);
    switch (operation) {
      case 'PutObject': {
        const refused =
          (request.IfNoneMatch === '*' && found !== undefined) ||
          (request.IfMatch !== undefined && request.IfMatch !== found?.etag);
        if (refused) throw preconditionFailed();
        return { ...METADATA, ETag: this.put(request.Bucket ?? '', request.Key ?? '', request.Body ?? '') };
      }
      case 'HeadObject':
        if (found === undefined) throw new NotFound({ message: 'Not Found', ...METADATA });
        return { ...METADATA, ContentLength: found.body.byteLength, ETag: found.etag };
      case 'GetObject': {
        if (found === undefined) throw new NoSuchKey({ message: 'No such key', ...METADATA });
        const body = rangeOf(found.body, request.Range);
        return { ...METADATA, ETag: found.etag, Body: { transformToByteArray: async () => body } };
      }
      case 'ListObjectsV2': {
        const prefix = `${request.Bucket}/${request.Prefix ?? ''}`;
        const Contents = [...this.#objects]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, { etag }]) => ({ Key: name.slice((request.Bucket ?? '').length + 1), ETag: etag }));
        return { ...METADATA, Contents };
      }
      case 'DeleteObjects':
        for (const { Key } of request.Delete?.Objects ?? []) this.#objects.delete(`${request.Bucket}/${Key}`);
        return METADATA;
      default:
        throw new TypeError(`There is no operation ${operation} of S3 here.`);
    }
  }
}

function rangeOf(body: Uint8Array, range = ''): Uint8Array {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d+)$/.exec(range) ?? [];
  if (to === '') return body;
  return from === '' ? body.slice(-Number(to)) : body.slice(Number(from), Number(to) + 1);
}

export const preconditionFailed = () =>
  new S3ServiceException({
    name: 'PreconditionFailed',
    $fault: 'client',
    message: 'At least one of the pre-conditions you specified did not hold',
    $metadata: { httpStatusCode: 412 },
  });
