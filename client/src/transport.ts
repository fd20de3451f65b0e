import type { Problem } from '../../shared/contracts/problem.ts';
import { SlipwayFailure } from './failure.ts';
import { failure, type Result, success } from './result.ts';
import type { Check } from './shape.ts';
import { isProblem } from './shapes/problem.ts';
import { aborted, jittered, pause } from './time.ts';

export interface TransportOptions {
  /** Base address of the API, without /v1. */
  readonly url: string;
  readonly token: string;
  /** For tests and for environments with a fetch of their own. */
  readonly fetch?: typeof fetch | undefined;
  /** The same for sockets. */
  readonly WebSocket?: typeof WebSocket | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface Request<T> extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /v1. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** What the text of an answer means; JSON by default. */
  readonly read?: ((text: string) => unknown) | undefined;
  /** Checks the answer. */
  readonly answer: Check<T>;
  /** A status beside 2xx whose body is an answer too. */
  readonly answersWith?: number | undefined;
  /** Makes a repeat safe. A POST without one gets one of its own, so that it can be tried again. */
  readonly idempotencyKey?: string | undefined;
  /** Longest wait for an answer; 30 s unless the service is asked to hold the answer back. */
  readonly timeoutMs?: number | undefined;
  /** How often it is tried where the service is out of reach or asks to come back later; 4 times by default. */
  readonly attempts?: number | undefined;
}

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 4;
const RETRY_STATUS = new Set([429, 502, 503, 504]);

/** One API call: typed answer or typed failure, repeated where a repeat is safe. */
export async function call<T>(options: TransportOptions, request: Request<T>): Promise<Result<T>> {
  const key = request.method === 'POST' ? (request.idempotencyKey ?? crypto.randomUUID()) : undefined;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await once(options, request, key);
    const last = attempt >= (request.attempts ?? ATTEMPTS) || request.signal?.aborted === true;
    if (outcome.result.ok || last || !outcome.again) return outcome.result;
    try {
      await pause(outcome.waitMs ?? jittered(250 * 2 ** attempt), request.signal);
    } catch {
      return failure(aborted(request.signal));
    }
  }
}

interface Outcome<T> {
  readonly result: Result<T>;
  readonly again: boolean;
  readonly waitMs?: number | undefined;
}

async function once<T>(
  options: TransportOptions,
  request: Request<T>,
  key: string | undefined,
): Promise<Outcome<T>> {
  const limit = AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS);
  const signal = request.signal === undefined ? limit : AbortSignal.any([limit, request.signal]);
  try {
    const answer = await (options.fetch ?? fetch)(address(options, request), {
      method: request.method,
      headers: headersOf(options, request, key),
      signal,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await answer.text();
    if (answer.ok) return { result: checked(request, text), again: false };
    const other = answer.status === request.answersWith ? checked(request, text) : undefined;
    return other?.ok === true ? { result: other, again: false } : refused(answer, text);
  } catch (cause) {
    if (request.signal?.aborted === true) return { result: failure(aborted(request.signal)), again: false };
    const why = limit.aborted ? 'did not answer in time' : 'is out of reach';
    const message = `Slipway at ${options.url} ${why}. Check the address and the network, then try again.`;
    return { result: failure(new SlipwayFailure('unreachable', message, { cause })), again: true };
  }
}

function address(options: TransportOptions, request: Pick<Request<never>, 'path' | 'query'>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const tail = query.size === 0 ? '' : `?${query}`;
  return `${options.url.replace(/\/+$/, '')}/v1${request.path}${tail}`;
}

function headersOf(
  options: TransportOptions,
  request: Pick<Request<never>, 'body' | 'headers'>,
  key: string | undefined,
): Record<string, string> {
  return {
    authorization: `Bearer ${options.token}`,
    accept: 'application/json',
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
    ...request.headers,
  };
}

function checked<T>({ read = json, answer }: Request<T>, text: string): Result<T> {
  const value = text === '' ? undefined : read(text);
  const wrong = answer(value);
  // What the check found nothing wrong with is of its type.
  if (wrong === undefined) return success(value as T);
  return failure(
    new SlipwayFailure(
      'unexpected',
      `The service answered in a form this client does not know (${wrong.slice(1)}). Update the client.`,
    ),
  );
}

function refused<T>({ status, headers }: Response, text: string): Outcome<T> {
  const body = json(text);
  const problem = isProblem(body) ? body : undefined;
  const after = Number(headers.get('retry-after'));
  return {
    result: failure(refusal(status, problem)),
    again: RETRY_STATUS.has(status) || problem?.code === 'IDEMPOTENCY_IN_PROGRESS',
    waitMs: after > 0 ? Math.min(after, 30) * 1000 : undefined,
  };
}

function refusal(status: number, problem: Problem | undefined): SlipwayFailure {
  if (problem !== undefined) return new SlipwayFailure('refused', problem.detail, { problem, status });
  const kind = status >= 500 || status === 429 ? 'unreachable' : 'unexpected';
  const message = `The service answered ${status} without saying why. Check that the address is that of a Slipway API.`;
  return new SlipwayFailure(kind, message, { status });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
