import { inspect } from 'node:util';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test, vi } from 'vitest';
import { InvalidWebhookSecret, WebhookRejected } from '../../../shared/errors/webhooks.ts';
import { signWebhook, verifyWebhook, type WebhookHeaders } from '../../../shared/net/webhook-signature.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const now = 1_700_000_000_000;
const message = { id: 'msg_1', timestamp: now / 1000, body: '{"event":"done"}' };

function reasonOf(headers: Record<string, string | string[] | undefined>, body = message.body): string {
  try {
    verifyWebhook(headers, body, [secret], now);
  } catch (error) {
    if (error instanceof WebhookRejected) return error.reason;
    throw error;
  }
  return 'accepted';
}

describe('a signature', () => {
  test('is the one of the specification’s example', () => {
    const headers = signWebhook(
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' },
      [secret],
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('agrees with the reference library both ways, whatever the body', () => {
    vi.useFakeTimers({ now });
    try {
      const reference = new Webhook(secret);
      fc.assert(
        fc.property(fc.json(), fc.uuid(), (body, id) => {
          const ours = signWebhook({ id, timestamp: now / 1000, body }, [secret]);
          expect(ours['webhook-signature']).toBe(reference.sign(id, new Date(now), body));
          expect(reference.verify(body, { ...ours })).toEqual(JSON.parse(body));
          expect(verifyWebhook(ours, body, [secret], now)).toEqual({ id, timestamp: now / 1000 });
        }),
      );
    } finally {
      vi.useRealTimers();
    }
  });

  test('covers bytes that are not text', () => {
    const body = new Uint8Array([0, 255, 128, 10]);
    const headers = signWebhook({ ...message, body }, [secret]);
    expect(verifyWebhook(headers, body, [secret], now).id).toBe('msg_1');
    expect(() => verifyWebhook(headers, new Uint8Array([0, 255, 129, 10]), [secret], now)).toThrow(
      WebhookRejected,
    );
  });

  test('by the old or the new secret is enough during a rotation, on either side', () => {
    const both = signWebhook(message, [other, secret]);
    expect(both['webhook-signature'].split(' ')).toHaveLength(2);
    expect(reasonOf({ ...both })).toBe('accepted');
    const old = signWebhook(message, [secret]);
    expect(verifyWebhook(old, message.body, [other, secret], now).id).toBe('msg_1');
  });
});

describe('a message is rejected', () => {
  const signed: WebhookHeaders = signWebhook(message, [secret]);
  const signature = signed['webhook-signature'];

  test.each<[string, string, Record<string, string | string[] | undefined>]>([
    ['headers', 'without an id', { ...signed, 'webhook-id': undefined }],
    ['headers', 'with an empty id', { ...signed, 'webhook-id': '' }],
    ['headers', 'without a timestamp', { ...signed, 'webhook-timestamp': undefined }],
    ['headers', 'without a signature', { ...signed, 'webhook-signature': undefined }],
    ['headers', 'with two timestamps', { ...signed, 'webhook-timestamp': ['1', '2'] }],
    ['timestamp', 'with a time that is no number', { ...signed, 'webhook-timestamp': 'now' }],
    ['timestamp', 'with a time in hexadecimal', { ...signed, 'webhook-timestamp': '0x6553f100' }],
    ['timestamp', 'with a negative time', { ...signed, 'webhook-timestamp': '-1' }],
    ['signature', 'with another id', { ...signed, 'webhook-id': 'msg_2' }],
    ['signature', 'with another time', { ...signed, 'webhook-timestamp': String(message.timestamp + 1) }],
    ['signature', 'with another version', { ...signed, 'webhook-signature': signature.replace('v1', 'v2') }],
    ['signature', 'without its version', { ...signed, 'webhook-signature': signature.slice(3) }],
    ['signature', 'with a part of it', { ...signed, 'webhook-signature': signature.slice(0, -2) }],
    ['signature', 'with an empty one', { ...signed, 'webhook-signature': 'v1,' }],
    ['signature', 'signed by another secret', { ...signWebhook(message, [other]) }],
    [
      'signature',
      'behind sixteen false ones',
      { ...signed, 'webhook-signature': `${'v1,x '.repeat(16)}${signature}` },
    ],
  ])('(%s) %s', (reason, _what, headers) => {
    expect(reasonOf(headers)).toBe(reason);
  });

  test('(signature) with one byte more in its body', () => {
    expect(reasonOf({ ...signed }, `${message.body} `)).toBe('signature');
  });

  test.each([
    [300, 'accepted'],
    [301, 'timestamp'],
    [-300, 'accepted'],
    [-301, 'timestamp'],
  ])('%i s away from now: %s', (seconds, verdict) => {
    const headers = signWebhook({ ...message, timestamp: message.timestamp + seconds }, [secret]);
    expect(reasonOf({ ...headers })).toBe(verdict);
  });
});

test.each([
  '',
  'whsec_',
  'not a secret',
  secret.slice('whsec_'.length),
  'whsec_c2hvcnQ=',
  `whsec_${Buffer.alloc(65).toString('base64')}`,
  'whsec_!!!!',
])('the secret %j is refused', (bad) => {
  expect(() => signWebhook(message, [bad])).toThrow(InvalidWebhookSecret);
  expect(() => verifyWebhook({}, '', [bad], now)).toThrow(InvalidWebhookSecret);
});

test('a refused secret is not repeated in the error', () => {
  const bad = `whsec_${'hunter2'.repeat(20)}!`;
  const thrown = (() => {
    try {
      return signWebhook(message, [bad]);
    } catch (error) {
      return error;
    }
  })();
  expect(inspect(thrown, { depth: Number.POSITIVE_INFINITY })).not.toContain('hunter2');
});
