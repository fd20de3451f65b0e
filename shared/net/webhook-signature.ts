import { createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidWebhookSecret, WebhookRejected } from '../errors/webhooks.ts';

/**
 * Signatures of Standard Webhooks (https://www.standardwebhooks.com): `v1,` and the base64 of
 * HMAC-SHA256 over `id.timestamp.body`.
 */
export interface WebhookMessage {
  /** Unique per message, the same when it is sent again; without full stops. */
  readonly id: string;
  /** When this attempt was signed, in whole seconds since the epoch. */
  readonly timestamp: number;
  /** The bytes as they are sent, or text that is sent as UTF-8. */
  readonly body: string | Uint8Array;
}

export type WebhookHeaders = Readonly<
  Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>
>;

/** How far the clocks of sender and receiver may be apart; the specification's own figure. */
export const TOLERANCE_SECONDS = 5 * 60;
/** A header with more signatures than any rotation needs is work for an attacker's sake. */
const MAX_SIGNATURES = 16;

/**
 * The three headers of a signed message.
 * @param secrets `whsec_...`; during a rotation the new and the old one, and each signs
 * @throws InvalidWebhookSecret
 */
export function signWebhook(
  message: WebhookMessage,
  secrets: readonly [string, ...string[]],
): WebhookHeaders {
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': secrets
      .map((secret) => `v1,${digest(message, keyOf(secret)).toString('base64')}`)
      .join(' '),
  };
}

/**
 * Checks a message against the secrets that may have signed it, in constant time for each pair.
 * @param headers with names in lower case
 * @param now milliseconds since the epoch
 * @returns its id (for telling repeats) and timestamp
 * @throws WebhookRejected, InvalidWebhookSecret
 */
export function verifyWebhook(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: string | Uint8Array,
  secrets: readonly [string, ...string[]],
  now: number,
): { readonly id: string; readonly timestamp: number } {
  const keys = secrets.map(keyOf);
  const id = headers['webhook-id'];
  const time = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (typeof id !== 'string' || typeof time !== 'string' || typeof signatures !== 'string' || id === '') {
    throw new WebhookRejected('headers');
  }
  const timestamp = /^\d{1,15}$/.test(time) ? Number(time) : Number.NaN;
  const apart = Math.abs(Math.floor(now / 1000) - timestamp);
  if (!(apart <= TOLERANCE_SECONDS)) throw new WebhookRejected('timestamp');
  const expected = keys.map((key) => digest({ id, timestamp, body }, key));
  const given = signatures.split(' ').slice(0, MAX_SIGNATURES).flatMap(digestIn);
  const matches = given.some((signature) => expected.some((own) => timingSafeEqual(signature, own)));
  if (!matches) throw new WebhookRejected('signature');
  return { id, timestamp };
}

function digest({ id, timestamp, body }: WebhookMessage, key: Buffer): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}

/** The bytes behind `v1,`; other versions are skipped, as the specification wants. */
function digestIn(signature: string): readonly Buffer[] {
  const encoded = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(signature)?.[1];
  return encoded === undefined ? [] : [Buffer.from(encoded, 'base64')];
}

function keyOf(secret: string): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = Buffer.from(encoded ?? '', 'base64');
  if (key.length < 24 || key.length > 64) throw new InvalidWebhookSecret();
  return key;
}
