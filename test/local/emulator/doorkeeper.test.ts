import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, inject, test } from 'vitest';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request with whatever headers, Host included, as `fetch` would not send it. */
function ask(method: string, path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, inject('emulatorEndpoint')), { method, headers });
    outgoing.once('error', reject);
    outgoing.once('response', async (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      resolve({ status, headers: answered, body: await text(response) });
    });
    outgoing.end(method === 'POST' ? '{}' : undefined);
  });
}

const PAGE = 'https://pages.example';
const INVOKE = '/2015-03-31/functions/anything/invocations';

test.each([
  ['invokes a function', 'POST', INVOKE, { origin: PAGE, 'content-type': 'text/plain' }],
  ['makes a function', 'POST', '/2015-03-31/functions', { origin: PAGE, 'content-type': 'text/plain' }],
  ['asks whether it may', 'OPTIONS', INVOKE, { origin: PAGE, 'access-control-request-method': 'POST' }],
  ['loads an address as an image', 'GET', '/?Action=ListUsers', { 'sec-fetch-site': 'cross-site' }],
  ['is served by a site of this machine', 'GET', '/', { 'sec-fetch-site': 'same-site' }],
  ['is sandboxed', 'POST', INVOKE, { origin: 'null' }],
  ['posts to an open socket', 'POST', '/_aws/execute-api/a/live/@connections/b', { origin: PAGE }],
])('a page that %s is refused, and may not read the answer', async (_, method, path, headers) => {
  const answer = await ask(method, path, headers);
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('not web pages');
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
});

test.each([
  'pages.example',
  'pages.example:4566',
  '127.0.0.1.pages.example',
  'localhost.pages.example',
  '[::2]',
])('the host name %s, which a page may have made point here, is refused', async (host) => {
  const answer = await ask('GET', '/_aws/execute-api/unknown/v1/health', { host });
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('not web pages');
});

test('programs of this machine are answered, by each of its own names', async () => {
  const { port } = new URL(inject('emulatorEndpoint'));
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'bucket.s3.localhost']) {
    expect((await ask('POST', INVOKE, { host })).body).not.toContain('not web pages');
  }
  expect((await ask('GET', '/_localstack/health', { host: 'localhost' })).status).toBe(200);
});

test('the HTTP API, which checks a token itself, hears pages too', async () => {
  const answer = await ask('GET', '/_aws/execute-api/unknown/v1/health', { origin: PAGE });
  expect(answer.body).not.toContain('not web pages');
});
