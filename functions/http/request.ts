import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { Refused, ValidationFailed } from '../../shared/errors/requests.ts';
import type { Method } from './route.ts';

/** Largest body of a request, in bytes (api.md). Artifacts do not pass through here. */
export const MAX_BODY_BYTES = 256 * 1024;

export type Headers = Readonly<Record<string, string | undefined>>;

const CORRELATION = /^[A-Za-z0-9._-]{8,64}$/;

/** The caller's own id where it is a plain one, else the request's. */
export function correlationIdOf(event: APIGatewayProxyEventV2, context: Context): string {
  const given = headersOf(event)['x-correlation-id'];
  if (given !== undefined && CORRELATION.test(given)) return given;
  return event.requestContext?.requestId ?? context?.awsRequestId ?? 'unknown';
}

/** Header names in lower case, as HTTP APIs send them and not every emulator does. */
export function headersOf(event: APIGatewayProxyEventV2): Headers {
  return Object.fromEntries(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

export const methodOf = (event: APIGatewayProxyEventV2): string => event.requestContext.http.method;

/** The path without the name of a stage, which AWS puts in front for every stage but `$default`. */
export function pathOf(event: APIGatewayProxyEventV2): string {
  const stage = event.requestContext.stage;
  const prefix = `/${stage}/`;
  if (stage !== '$default' && !event.rawPath.startsWith('/v1/') && event.rawPath.startsWith(prefix)) {
    return event.rawPath.slice(prefix.length - 1);
  }
  return event.rawPath;
}

/** Query parameters as strings. One that is given twice is refused: taking either would be a guess. */
export function queryOf(event: APIGatewayProxyEventV2): Record<string, string> {
  const query: Record<string, string> = {};
  const pairs = new URLSearchParams(event.rawQueryString ?? '');
  for (const [name, value] of pairs) {
    if (Object.hasOwn(query, name)) {
      throw new ValidationFailed([{ field: `/${name}`, message: 'is given twice', code: 'DUPLICATE' }]);
    }
    Object.defineProperty(query, name, { value, enumerable: true });
  }
  return query;
}

/** @throws Refused PAYLOAD_TOO_LARGE, before anything is decoded or looked up. */
export function checkSize(event: APIGatewayProxyEventV2, limit: number): void {
  const encoded = event.body ?? '';
  const bytes = event.isBase64Encoded ? Math.floor((encoded.length * 3) / 4) - 2 : Buffer.byteLength(encoded);
  if (bytes <= limit) return;
  throw new Refused('PAYLOAD_TOO_LARGE', `The body has more than ${limit} bytes.`, {
    suggestion: 'Upload files as a version; a request is for settings only.',
    facts: { limitBytes: limit },
  });
}

const JSON_TYPES = /^application\/(?:json|merge-patch\+json)$/;

/**
 * The JSON body. An absent one is `{}`, so that a POST without settings needs no body.
 * @throws Refused UNSUPPORTED_MEDIA_TYPE; ValidationFailed where it is not JSON.
 */
export function jsonBodyOf(event: APIGatewayProxyEventV2, method: Method): unknown {
  const text = textOf(event);
  if (text === '') return {};
  const type = headersOf(event)['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!JSON_TYPES.test(type) || (type.includes('merge-patch') && method !== 'PATCH')) {
    throw new Refused('UNSUPPORTED_MEDIA_TYPE', `The body is "${type || 'of no type'}", not JSON.`, {
      suggestion: 'Send Content-Type: application/json.',
    });
  }
  try {
    return JSON.parse(text, mayHoldHalves(text) ? refuseHalves : undefined);
  } catch {
    // The parser's own words quote the body, which may hold a secret.
    throw new ValidationFailed([{ field: '', message: 'the body is not valid JSON', code: 'INVALID_JSON' }]);
  }
}

/** Can this JSON hold half of a surrogate pair, as itself or escaped? No database and no log takes one. */
const mayHoldHalves = (text: string) => !text.isWellFormed() || /\\u[dD][89a-fA-F]/.test(text);

function refuseHalves(key: string, value: unknown): unknown {
  const whole = key.isWellFormed() && (typeof value !== 'string' || value.isWellFormed());
  if (!whole) throw new SyntaxError('half of a surrogate pair');
  return value;
}

const textOf = (event: APIGatewayProxyEventV2): string =>
  event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? '');
