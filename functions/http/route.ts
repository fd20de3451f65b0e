import type * as z from 'zod/mini';
import type { Actor, Role } from '../../shared/domain/access.ts';
import type { HttpErrorCode } from '../../shared/errors/codes.ts';
import type { Log } from '../../shared/platform/logger.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import type { Write } from '../../shared/store/engine.ts';
import type { FirstAnswer } from '../../shared/store/idempotency.ts';
import type { Tagged } from './entity-tag.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Schema = z.ZodMiniType;

/** What the toolkit itself needs; each function adds what its routes need. */
export interface EdgeDeps {
  readonly store: StoreContext;
  readonly log: Log;
  /** Verifies a JWT of a configured issuer; absent where only API tokens are accepted. */
  readonly verifyJwt?: ((token: string) => Promise<Actor>) | undefined;
}

/**
 * Who may call a route.
 * `public`: everybody. `own`: the handler checks the bearer itself (job tokens, claim tickets).
 * `signed-in`: any API token; the handler limits what it shows. `runner`: runner tokens, nothing else.
 * A role counts at the place that the path names: {projectId} and {environment}, else the whole installation.
 */
export type Auth = 'public' | 'own' | 'signed-in' | 'runner' | { readonly role: Role };

type ActorOf<A extends Auth> = A extends 'public' | 'own' ? undefined : Actor;
type Parsed<S extends Schema | undefined> = S extends Schema ? z.output<S> : undefined;

/** The part of a POST with an Idempotency-Key that its creating transaction has to carry. */
export interface IdempotencyWrite {
  /** A write to add to the transaction; `answer` is what every repeat gets, so it holds no secret. */
  write(answer: FirstAnswer, id?: string): Write;
}

/** One request, parsed and allowed. */
export interface Call<
  D extends EdgeDeps,
  A extends Auth = 'signed-in',
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
> {
  readonly params: Parsed<P>;
  readonly query: Parsed<Q>;
  readonly body: Parsed<B>;
  readonly actor: ActorOf<A>;
  readonly deps: D;
  readonly correlationId: string;
  /** As it came, without the question mark. */
  readonly rawQuery: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Present on a POST that came with an Idempotency-Key. */
  readonly idempotency?: IdempotencyWrite | undefined;
  /** Carries correlation id, actor and the ids of the path on every line. */
  readonly log: Log;
  /** Fires shortly before the function's time is up. */
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: { readonly contentType: string; readonly content: string } | undefined;
  /** Gives the answer an entity tag; a GET whose If-None-Match names it is answered 304 without body. */
  readonly tagged?: Tagged | undefined;
}

/** For the OpenAPI document: what a route says on success. */
export interface AnswerDoc {
  readonly status: number;
  readonly schema?: Schema | undefined;
  readonly contentType?: string | undefined;
}

export interface RouteDefinition<
  D extends EdgeDeps,
  A extends Auth,
  P extends Schema | undefined,
  Q extends Schema | undefined,
  B extends Schema | undefined,
> {
  readonly method: Method;
  /** E.g. `/v1/projects/{projectId}`; a fixed segment wins over a parameter. */
  readonly path: `/v1/${string}`;
  readonly auth: A;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Content type of the body where it is not plain JSON (`application/merge-patch+json` is always accepted on PATCH). */
  readonly summary?: string;
  readonly answer?: AnswerDoc;
  readonly problems?: readonly HttpErrorCode[];
  /** Completes a stored first answer for a repeat with what must not be stored (a freshly signed URL). */
  readonly renew?: (stored: FirstAnswer, deps: D) => Promise<FirstAnswer>;
  handle(call: Call<D, A, P, Q, B>): Promise<Reply>;
}

/** What a route takes and answers, without what it does. */
export type RouteDescription = Pick<
  RouteDefinition<EdgeDeps, Auth, Schema | undefined, Schema | undefined, Schema | undefined>,
  'method' | 'path' | 'auth' | 'params' | 'query' | 'body' | 'summary' | 'answer' | 'problems'
>;

/** A route whose own types are no longer needed: the handler holds many of them. */
export type Route<D extends EdgeDeps> = Omit<
  RouteDefinition<D, Auth, Schema | undefined, Schema | undefined, Schema | undefined>,
  'handle'
> & {
  handle(call: unknown): Promise<Reply>;
};

/**
 * Binds the dependencies' type, then infers the rest from each definition:
 * `const route = defineRoute<ApiDeps>(); export const getProject = route({ method: 'GET', ... })`.
 */
export function defineRoute<D extends EdgeDeps>() {
  return <
    A extends Auth,
    P extends Schema | undefined = undefined,
    Q extends Schema | undefined = undefined,
    B extends Schema | undefined = undefined,
  >(
    definition: RouteDefinition<D, A, P, Q, B>,
  ): Route<D> =>
    // The handler builds the call from this very definition's schemas, so the argument has the type that is erased here.
    definition as unknown as Route<D>;
}
