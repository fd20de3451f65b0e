import * as z from 'zod/mini';
import type { Result } from '../result.ts';
import { type CallOptions, call, type Request, type TransportOptions } from '../transport.ts';

/** One page of a list; `nextCursor` goes on where it ended. */
export interface ListOf<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
  readonly filters: Readonly<Record<string, string>>;
  readonly total?: number | undefined;
}

export interface ListOptions extends CallOptions {
  /** 1-100, 20 by default. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
}

export const pageOf = <T>(item: z.ZodMiniType<T>): z.ZodMiniType<ListOf<T>> =>
  z.looseObject({
    items: z.array(item),
    nextCursor: z.optional(z.string()),
    filters: z.record(z.string(), z.string()),
    total: z.optional(z.number()),
  });

export const nothing: z.ZodMiniType<void> = z.pipe(
  z.unknown(),
  z.transform(() => undefined),
);

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
