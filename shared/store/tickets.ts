import { createHash } from 'node:crypto';
import type { Actor } from '../domain/access.ts';
import { Unauthenticated } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { deleteItem, type Item, type Write } from './engine.ts';
import { ticketKey } from './keys.ts';

/** Browsers cannot send headers with a WebSocket: a ticket in the URL stands for the token, once and not for long. */
export const TICKET_SECONDS = 60;
const PREFIX = 'slk_';
const FORM = /^slk_[A-Za-z0-9_-]{43}$/;

export interface NewTicket {
  readonly ticket: string;
  /** ms since the epoch */
  readonly expiresAt: number;
  /** Stores it, by its hash only. */
  readonly write: Write;
}

/** Makes a ticket for the actor. It is good once its write is done. */
export function newTicket(ctx: StoreContext, actor: Actor): NewTicket {
  const ticket = PREFIX + ctx.random.secret(32);
  const expiresAt = ctx.clock.now() + TICKET_SECONDS * 1000;
  const put = {
    ...ticketKey(hashOf(ticket)),
    kind: 'ticket',
    v: 1,
    actor,
    until: expiresAt,
    expiresAt: Math.ceil(expiresAt / 1000),
  };
  return { ticket, expiresAt, write: { put, table: 'live', condition: MUST_NOT_EXIST } };
}

/**
 * Whose ticket it is. It is gone afterwards: the delete that succeeds is the one use.
 * @throws Unauthenticated where it is unknown, used or too old, in the same words
 */
export async function redeemTicket(ctx: StoreContext, ticket: string): Promise<Actor> {
  if (!FORM.test(ticket)) throw badTicket();
  try {
    const item = await deleteItem(
      ctx,
      ticketKey(hashOf(ticket)),
      {
        expression: 'attribute_exists(pk) AND #until > :now',
        names: { '#until': 'until' },
        values: { ':now': ctx.clock.now() },
      },
      'live',
    );
    return actorOf(item);
  } catch (error) {
    if (error instanceof ConditionFailed) throw badTicket();
    throw error;
  }
}

const hashOf = (ticket: string) => createHash('sha256').update(ticket).digest('hex');

/** Written by `newTicket` only. */
const actorOf = (item: Item | undefined) => item?.['actor'] as Actor;

const badTicket = () =>
  new Unauthenticated('The ticket is unknown, used or too old.', {
    suggestion:
      'Ask for a new one (POST /v1/realtime/tickets); each opens one socket, or one stream of events, within a minute.',
  });
