import * as z from 'zod/mini';
import { problem as problemSchema } from '../../shared/contracts/problem.ts';
import { SlipwayFailure } from './failure.ts';
import { failure, type Result, success } from './result.ts';

export interface TransportOptions {
  /** Base address of the API, without /v1. */
  readonly url: string;
  readonly token: string;
  /** For tests and for environments with a fetch of their own. */
  readonly fetch?: typeof fetch | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface Request<T> extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /v1. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly body?: unknown;
  /** Checks the answer; unknown members are allowed, so that a newer service is understood. */
  readonly answer: z.ZodMiniType<T>;
  /** Makes a repeat safe. A POST without one gets one of its own, so that it can be tried again. */
  readonly idempotencyKey?: string | undefined;
  /** Longest wait for an answer; 30 s unless the service is asked to hold the answer back. */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 30_000;
/** Attempts of one call where the service is out of reach or asks to come back later. */
const ATTEMPTS = 4;
const RETRY_STATUS = new Set([429, 502, 503, 504]);

/** One API call: typed answer or typed failure, repeated where a repeat is safe. */
export async function call<T>(options: TransportOptions, request: Request<T>): Promise<Result<T>> {
  const key = request.method === 'POST' ? (request.idempotencyKey ?? crypto.randomUUID()) : undefined;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await once(options, request, key);
    const last = attempt >= ATTEMPTS || request.signal?.aborted === true;
    if (outcome.result.ok || last || !outcome.again) return outcome.result;
    try {
      await pause(outcome.waitMs ?? 250 * 2 ** attempt * (0.5 + Math.random() / 2), request.signal);
    } catch {
      return failure(new SlipwayFailure('aborted', 'The call was aborted.'));
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
    return answer.ok ? { result: parsed(request.answer, text), again: false } : refused(answer, text);
  } catch (cause) {
    if (request.signal?.aborted === true) {
      return {
        result: failure(new SlipwayFailure('aborted', 'The call was aborted.', { cause })),
        again: false,
      };
    }
    const why = limit.aborted ? 'did not answer in time' : 'is out of reach';
    const message = `Slipway at ${options.url} ${why}. Check the address and the network, then try again.`;
    return { result: failure(new SlipwayFailure('unreachable', message, { cause })), again: true };
  }
}

function address(options: TransportOptions, request: Request<unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const tail = query.size === 0 ? '' : `?${query}`;
  return `${options.url.replace(/\/+$/, '')}/v1${request.path}${tail}`;
}

function headersOf(
  options: TransportOptions,
  request: Request<unknown>,
  key: string | undefined,
): Record<string, string> {
  return {
    authorization: `Bearer ${options.token}`,
    accept: 'application/json',
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
}

function parsed<T>(schema: z.ZodMiniType<T>, text: string): Result<T> {
  const value = text === '' ? undefined : json(text);
  const checked = z.safeParse(schema, value);
  if (checked.success) return success(checked.data);
  const first = checked.error.issues[0];
  const where = first === undefined ? '' : ` (${first.path.join('.')}: ${first.message})`;
  return failure(
    new SlipwayFailure(
      'unexpected',
      `The service answered in a form this client does not know${where}. Update the client.`,
      {
        cause: checked.error,
      },
    ),
  );
}

function refused<T>(answer: Response, text: string): Outcome<T> {
  const known = z.safeParse(problemSchema, json(text));
  const error = known.success
    ? new SlipwayFailure('refused', known.data.detail, { problem: known.data })
    : new SlipwayFailure(
        answer.status >= 500 ? 'unreachable' : 'unexpected',
        `The service answered ${answer.status} without saying why. Check that the address is that of a Slipway API.`,
      );
  const after = Number(answer.headers.get('retry-after'));
  return {
    result: failure(error),
    again:
      RETRY_STATUS.has(answer.status) || (known.success && known.data.code === 'IDEMPOTENCY_IN_PROGRESS'),
    waitMs: Number.isFinite(after) && after > 0 ? Math.min(after, 30) * 1000 : undefined,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Waits, or rejects at once when the signal fires. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
