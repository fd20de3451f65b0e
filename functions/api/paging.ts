import type { Actor } from '../../shared/domain/access.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { openCursor, sealCursor, viewOf } from '../../shared/store/cursor.ts';
import type { Item } from '../../shared/store/engine.ts';
import { ok } from '../http/reply.ts';
import type { Reply } from '../http/route.ts';

/** A list as one caller asked for it. */
export interface ListRequest {
  readonly store: StoreContext;
  readonly actor: Actor;
  /** Names the list, ids of its path included. */
  readonly list: string;
  readonly query: {
    readonly limit: number;
    readonly order: 'asc' | 'desc';
    readonly cursor?: string | undefined;
  };
  /** Filters that were given; echoed in the answer and part of what a cursor is bound to. */
  readonly filters?: Readonly<Record<string, string | undefined>>;
}

export interface Position {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly after?: Item | undefined;
}

const viewFor = ({ actor, list, query, filters }: ListRequest) =>
  viewOf(actor.subject, list, { ...filters, order: query.order });

/** Where the list goes on. @throws ValidationFailed for a cursor of another caller, list or filter. */
export function positionOf(request: ListRequest): Position {
  const { limit, order, cursor } = request.query;
  if (cursor === undefined) return { limit, order };
  return { limit, order, after: openCursor(request.store, viewFor(request), cursor) };
}

/** One page of the list as every list is answered. */
export function pageReply(
  request: ListRequest,
  items: readonly unknown[],
  next: Item | undefined,
  counted?: number,
): Reply {
  const filters = Object.fromEntries(
    Object.entries(request.filters ?? {}).filter(([, value]) => value !== undefined),
  );
  const total = counted === undefined ? {} : { total: counted };
  const page = { items, filters, ...total };
  if (next === undefined) return ok(page);
  // Sealed anew, a cursor is another text for the same place.
  return ok(
    { ...page, nextCursor: sealCursor(request.store, viewFor(request), next) },
    { by: { ...page, next } },
  );
}
