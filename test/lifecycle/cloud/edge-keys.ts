import { ConflictException, ResourceNotFoundException } from '@aws-sdk/client-cloudfront-keyvaluestore';

interface Request {
  readonly Key?: string;
  readonly Value?: string;
  readonly IfMatch?: string;
}

const METADATA = { $metadata: {} };

/** CloudFront's key-value store in memory: one ETag for all of it, every write conditional on it. */
export class EdgeKeys {
  readonly #values = new Map<string, string>();
  #version = 1;
  onPut: (key: string, value: string) => void = () => {};

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  all = (): (readonly [key: string, value: string])[] => [...this.#values];

  load(values: readonly (readonly [key: string, value: string])[]): void {
    for (const [key, value] of values) this.#values.set(key, value);
  }

  execute(operation: string, input: object): object {
    // Which input belongs to which command is the SDK's promise.
    const { Key = '', Value = '', IfMatch } = input as Request;
    switch (operation) {
      case 'DescribeKeyValueStore':
        return { ...METADATA, ETag: `v${this.#version}` };
      case 'GetKey': {
        const value = this.#values.get(Key);
        if (value === undefined) throw new ResourceNotFoundException({ message: 'No such key', ...METADATA });
        return { ...METADATA, Key, Value: value };
      }
      case 'PutKey':
        if (IfMatch !== `v${this.#version}`)
          throw new ConflictException({ message: 'Another ETag', ...METADATA });
        this.#version += 1;
        this.#values.set(Key, Value);
        this.onPut(Key, Value);
        return { ...METADATA, ETag: `v${this.#version}` };
      default:
        throw new TypeError(`There is no operation ${operation} of the key-value store here.`);
    }
  }
}
