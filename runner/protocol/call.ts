import { PlatformUnavailable } from '../../shared/errors/requests.ts';

/** Longest time for one request. */
const CALL_TIMEOUT_MS = 12_000;
/** More than any answer of the service; what is longer comes from something else. */
const MAX_ANSWER_CHARACTERS = 8 * 1024 * 1024;

/** An answer of the service, whatever its status below 500. */
export interface Answer {
  readonly status: number;
  /** Parsed JSON, or undefined where there was none. */
  readonly body: unknown;
}

export interface ServiceCall {
  /** Base of the API, with /v1. */
  readonly base: string;
  /** Below the base, beginning with a slash. */
  readonly path: string;
  readonly token: string;
  /** POSTed as JSON; without one the call is a GET. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Default 12 s. */
  readonly timeoutMs?: number;
}

/** No usable answer: the same request may be sent again. `retryAfterMs` where the service named a time. */
export class Unanswered extends PlatformUnavailable {
  readonly retryAfterMs: number | undefined;

  constructor(what: string, details: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(`The service did not answer: ${what}.`, { cause: details.cause });
    this.retryAfterMs = details.retryAfterMs;
  }
}

const busyStatuses = new Set([408, 425, 429]);

/**
 * One request.
 * @throws Unanswered for whatever a repetition may cure: no connection, a timeout, 5xx, 408, 425, 429
 */
export async function callService(call: ServiceCall): Promise<Answer> {
  const deadline = AbortSignal.timeout(call.timeoutMs ?? CALL_TIMEOUT_MS);
  try {
    const response = await fetch(call.base + call.path, {
      ...(call.body === undefined ? {} : { method: 'POST', body: JSON.stringify(call.body) }),
      headers: { authorization: `Bearer ${call.token}`, 'content-type': 'application/json' },
      redirect: 'error',
      signal: call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]),
    });
    const text = await response.text();
    if (response.status >= 500 || busyStatuses.has(response.status)) {
      throw new Unanswered(`status ${response.status}`, retryAfter(response));
    }
    return { status: response.status, body: parse(text) };
  } catch (cause) {
    if (cause instanceof Unanswered) throw cause;
    throw new Unanswered(reasonOf(cause), { cause });
  }
}

function parse(text: string): unknown {
  if (text === '' || text.length > MAX_ANSWER_CHARACTERS) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function retryAfter(response: Response): { retryAfterMs?: number } {
  const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  return Number.isNaN(seconds) ? {} : { retryAfterMs: seconds * 1000 };
}

/** `ECONNREFUSED` and the like; fetch hides it one level down. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const inner = thrown.cause ?? thrown;
  if (inner instanceof Error && 'code' in inner && typeof inner.code === 'string') return inner.code;
  return thrown.name;
}

/** `https://host` and `https://host/v1` both mean the API; stages of API Gateway stand before the /v1. */
export function apiBase(url: string): string {
  const trimmed = url.replace(/\/+$/, '');
  return trimmed.endsWith('/v1') ? trimmed : `${trimmed}/v1`;
}
