import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { apiGatewayPoster } from '../../../shared/platform/poster.ts';
import { listen } from '../../support/http-server.ts';

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const refuse = (response: ServerResponse, status: number, type: string) =>
  response.writeHead(status, { 'x-amzn-errortype': type, 'content-type': 'application/json' }).end('{}');

/** What becomes of one post whose tries are answered so, and how many there were. */
async function postTo(...answers: ((response: ServerResponse) => void)[]) {
  let tries = 0;
  await using gateway = await listen((request, response) => {
    request.resume();
    answers[tries]?.(response);
    tries += 1;
  });
  const began = performance.now();
  const outcome = await apiGatewayPoster(`http://${gateway.host}`).post('socket', '{}', 700);
  return { outcome, tries, tookMs: performance.now() - began };
}

const taken = (response: ServerResponse) => response.writeHead(200).end();
const busy = (response: ServerResponse) => refuse(response, 429, 'LimitExceededException');

test('a post that was taken is sent; to a socket that is closed it says so', async () => {
  expect(await postTo(taken)).toMatchObject({ outcome: 'sent', tries: 1 });
  expect(await postTo((response) => refuse(response, 410, 'GoneException'))).toMatchObject({
    outcome: 'gone',
    tries: 1,
  });
});

test('a post that was one too many is tried once more, and no other', async () => {
  expect(await postTo(busy, taken)).toMatchObject({ outcome: 'sent', tries: 2 });
  expect(await postTo(busy, busy, taken)).toMatchObject({ outcome: 'failed', tries: 2 });
  const broken = (response: ServerResponse) => refuse(response, 500, 'InternalServerException');
  expect(await postTo(broken, taken)).toMatchObject({ outcome: 'failed', tries: 1 });
});

test('a post that nobody answers is given up when its time is over', async () => {
  const { outcome, tookMs } = await postTo(() => {});
  expect(outcome).toBe('failed');
  // Its client is loaded first.
  expect(tookMs).toBeLessThan(5000);
});
