import type { Result } from '../result.ts';
import type { Check } from '../shape.ts';
import { type CallOptions, call, type Request, type TransportOptions } from '../transport.ts';

export { type ListOf, pageOf } from '../shapes/pages.ts';

export interface ListOptions extends CallOptions {
  /** 1-100, 20 by default. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
}

/** Where there is nothing to answer. */
export const nothing: Check<void> = () => undefined;

/** What every group of calls shares. */
export abstract class Resource {
  protected readonly transport: TransportOptions;

  constructor(transport: TransportOptions) {
    this.transport = transport;
  }

  protected call<T>(request: Request<T>): Promise<Result<T>> {
    return call(this.transport, request);
  }
}

/** Path segment of an id or a name; whatever it holds stays one segment. */
export const segment = (value: string) => encodeURIComponent(value);

export interface DeleteOptions extends CallOptions {
  /** Delete although releases are served; they stay online and nothing of Slipway changes them any more. */
  readonly leaveReleases?: boolean | undefined;
}
