import { createHash, timingSafeEqual } from 'node:crypto';
import type { Actor, Grant } from '../domain/access.ts';
import { Unauthenticated } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { isoTime } from '../platform/clock.ts';
import { MUST_EXIST, MUST_NOT_EXIST } from './conditions.ts';
import type { StoreContext } from './context.ts';
import { deleteItem, getItem, type Item, type Page, queryPage, type Write } from './engine.ts';
import { allTokens, byTime, tokenKey } from './keys.ts';
import { INDEX, SUMMARY } from './tables.ts';

/** An API or runner token as people see it. Its secret exists nowhere after creation, only its hash. */
export interface Token {
  readonly id: string;
  readonly kind: 'api' | 'runner';
  readonly name: string;
  readonly subject: string;
  readonly grants: readonly Grant[];
  readonly groups: readonly string[];
  /** ISO time; absent: it does not expire. */
  readonly expiresAt?: string | undefined;
  readonly createdAt: string;
  readonly createdBy: string;
  /** The runner it was made for, where `kind` is `runner`. */
  readonly runner?: { readonly id: string; readonly label?: string | undefined } | undefined;
}

export type TokenRequest = Omit<Token, 'id' | 'createdAt'>;

export interface NewToken {
  readonly token: Token;
  /** `slp_<id>_<secret>`; shown once and not stored. */
  readonly secret: string;
  readonly write: Write;
}

/** 256 bits, as api.md says. */
const SECRET_BYTES = 32;
const FORM = /^slp_([0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})$/;
const hashOf = (secret: string) => createHash('sha256').update(secret).digest();

/** Makes a token and the write that stores it. */
export function newToken(ctx: StoreContext, request: TokenRequest): NewToken {
  const now = ctx.clock.now();
  const ulid = ctx.random.ulid(now);
  const secret = ctx.random.secret(SECRET_BYTES);
  const token: Token = { ...request, id: `tok_${ulid}`, createdAt: isoTime(now) };
  return {
    token,
    secret: `slp_${ulid}_${secret}`,
    write: {
      put: {
        ...tokenKey(token.id),
        kind: 'token',
        v: 1,
        hash: hashOf(secret).toString('hex'),
        g0pk: allTokens,
        g0sk: byTime(token.createdAt, token.id),
        [SUMMARY]: token,
      },
      condition: MUST_NOT_EXIST,
    },
  };
}

/**
 * Who holds this token. One strongly consistent read, so that a deleted token is refused at once.
 * @throws Unauthenticated, in the same words whatever is wrong with it.
 */
export async function verifyToken(ctx: StoreContext, bearer: string): Promise<Actor> {
  const parts = FORM.exec(bearer);
  const [, ulid, secret] = parts ?? [];
  if (ulid === undefined || secret === undefined) throw unknownToken();
  const item = await getItem(ctx, tokenKey(`tok_${ulid}`));
  const expected = Buffer.from(String(item?.['hash'] ?? ''), 'hex');
  const given = hashOf(secret);
  if (item === undefined || expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw unknownToken();
  }
  const token = tokenOf(item);
  if (isOver(ctx, token)) throw unknownToken();
  return {
    tokenId: token.id,
    subject: token.subject,
    kind: token.kind,
    grants: token.grants,
    groups: token.groups,
    ...(token.expiresAt === undefined ? {} : { expiresAt: token.expiresAt }),
    ...(token.runner === undefined ? {} : { runner: token.runner }),
  };
}

/**
 * For what goes on after the request that showed the token (a socket).
 * @throws Unauthenticated where the token has been taken back or has expired since
 */
export async function requireStillHeld(ctx: StoreContext, actor: Actor): Promise<void> {
  if (isOver(ctx, actor)) throw unknownToken();
  // A JWT is held nowhere; its own end is all there is.
  if (actor.tokenId.startsWith(ID_PREFIX) && (await getToken(ctx, actor.tokenId)) === undefined) {
    throw unknownToken();
  }
}

const ID_PREFIX = 'tok_';

const isOver = (ctx: StoreContext, { expiresAt }: { readonly expiresAt?: string | undefined }) =>
  expiresAt !== undefined && Date.parse(expiresAt) <= ctx.clock.now();

const unknownToken = () =>
  new Unauthenticated('The token is unknown or has expired.', {
    suggestion: 'Log in again (slipway login), or ask an admin for a new token.',
  });

export async function getToken(ctx: StoreContext, id: string): Promise<Token | undefined> {
  const item = await getItem(ctx, tokenKey(id));
  return item === undefined ? undefined : tokenOf(item);
}

/** Removes a token; false where it was gone already. From now on it opens nothing. */
export async function deleteToken(ctx: StoreContext, id: string): Promise<boolean> {
  try {
    await deleteItem(ctx, tokenKey(id), MUST_EXIST);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

export interface TokenPage {
  readonly items: readonly Token[];
  readonly next?: Page['next'];
}

/** All tokens by creation: one query. */
export async function listTokens(
  ctx: StoreContext,
  options: { limit: number; order: 'asc' | 'desc'; after?: Item | undefined },
): Promise<TokenPage> {
  const page = await queryPage(ctx, {
    index: INDEX.all.name,
    where: { expression: 'g0pk = :tokens', values: { ':tokens': allTokens } },
    ...options,
  });
  return { items: page.items.map(tokenOf), ...(page.next === undefined ? {} : { next: page.next }) };
}

/** Written by `newToken` only. */
const tokenOf = (item: Item) => item[SUMMARY] as Token;
