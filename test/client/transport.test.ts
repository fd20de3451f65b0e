import { describe, expect, it } from 'vitest';
import { anything } from '../../client/src/shape.ts';
import { Slipway } from '../../client/src/slipway.ts';
import { call } from '../../client/src/transport.ts';
import { fakeSlipway, problem } from '../support/fake-slipway.ts';

const ANYTHING = anything();

describe('a call', () => {
  it('is repeated with the same key where the service asks to come back', async () => {
    const keys: (string | null)[] = [];
    const answers = [new Response(null, { status: 503 }), Response.json({ done: true }, { status: 201 })];
    const fetched: typeof fetch = async (_, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'));
      return answers.shift() ?? new Response(null, { status: 500 });
    };
    const options = { url: 'https://slipway.invalid', token: 't', fetch: fetched };
    const result = await call(options, { method: 'POST', path: '/x', body: {}, answer: ANYTHING });
    expect(result).toEqual({ ok: true, value: { done: true } });
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBeNull();
  });

  it('is not repeated where the service refused', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({ status: 400, body: problem(400, 'VALIDATION_FAILED') });
    const result = await new Slipway({ url: fake.url, token: 't' }).projects.list();
    expect(result).toMatchObject({ ok: false, error: { kind: 'refused', code: 'VALIDATION_FAILED' } });
    expect(fake.requests).toHaveLength(1);
  });

  it('says that nothing answers at an address', async () => {
    const result = await new Slipway({ url: 'http://127.0.0.1:9', token: 't' }).projects.list();
    expect(result).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
  });

  it('ends at once when its signal fires', async () => {
    const fetched: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      );
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    const options = { url: 'https://slipway.invalid', token: 't', fetch: fetched };
    const result = await call(options, { method: 'GET', path: '/x', answer: ANYTHING, signal: stop.signal });
    expect(result).toMatchObject({ ok: false, error: { kind: 'aborted' } });
  });

  it('keeps members of a record that this client does not know', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({ status: 200, body: { status: 'ok', at: '', parts: [], somethingNew: 1 } });
    expect(await new Slipway({ url: fake.url, token: 't' }).health()).toMatchObject({
      ok: true,
      value: { somethingNew: 1 },
    });
  });

  it('takes an answer that is no contract of ours for what it is', async () => {
    const fetched: typeof fetch = async () => new Response('<html>a proxy</html>', { status: 200 });
    const result = await new Slipway({ url: 'https://slipway.invalid', token: 't', fetch: fetched }).health();
    expect(result).toMatchObject({ ok: false, error: { kind: 'unexpected' } });
  });
});
