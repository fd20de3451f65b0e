import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  AddressRefused,
  ExchangeBroken,
  HostUnreachable,
  NetDeadlineExceeded,
  RedirectRefused,
  RequestAborted,
  ResponseTooLarge,
  UnknownContentEncoding,
  UrlHasCredentials,
  UrlMalformed,
  UrlSchemeRefused,
} from '../../../shared/errors/net.ts';
import { parseAllowList } from '../../../shared/net/allow-list.ts';
import { createGuardedFetch } from '../../../shared/net/guarded-fetch.ts';
import { type Resolver, systemResolver } from '../../../shared/net/resolver.ts';
import { listen } from '../../support/http-server.ts';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const certificate = { key: fixture('example-test.key.pem'), cert: fixture('example-test.cert.pem') };

/** A resolver that gives its answers in order, one a call, and says how often it was asked. */
function resolverOf(...answers: readonly (readonly string[])[]): Resolver & { readonly asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolver = async (hostname) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(hostname);
    return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return Object.assign(resolve, { asked });
}

function guardedFetch(resolve: Resolver, allow: readonly string[] = [], ca?: string) {
  return createGuardedFetch({ resolve, allowList: parseAllowList(allow), ...(ca !== undefined && { ca }) });
}

/** A loopback server that the allow-list names, and a fetch that may call it. */
async function given(handler: RequestListener) {
  const server = await listen(handler);
  const fetch = guardedFetch(systemResolver, [server.host]);
  return { server, fetch, url: `http://${server.host}/`, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

describe('a URL that is never called', () => {
  test.each([
    ['not a url', UrlMalformed],
    ['', UrlMalformed],
    ['https://', UrlMalformed],
    ['https://256.1.1.1/', UrlMalformed],
    ['http://example.com/', UrlSchemeRefused],
    ['file:///etc/passwd', UrlSchemeRefused],
    ['ftp://example.com/', UrlSchemeRefused],
    ['gopher://example.com/', UrlSchemeRefused],
    ['data:text/plain,hello', UrlSchemeRefused],
    ['javascript:alert(1)', UrlSchemeRefused],
    ['https://user@example.com/', UrlHasCredentials],
    ['https://user:secret@example.com/', UrlHasCredentials],
    ['https://:secret@example.com/', UrlHasCredentials],
    ['https://example.com@127.0.0.1/', UrlHasCredentials],
    ['https://127.0.0.1/', AddressRefused],
    ['https://127.1/', AddressRefused],
    ['https://2130706433/', AddressRefused],
    ['https://0x7f000001/', AddressRefused],
    ['https://0177.0.0.1/', AddressRefused],
    ['https://127.0.0.1./', AddressRefused],
    ['https://①②⑦.0.0.1/', AddressRefused],
    ['https://169.254.169.254/latest/meta-data/', AddressRefused],
    ['https://[::1]/', AddressRefused],
    ['https://[::ffff:127.0.0.1]/', AddressRefused],
    ['https://[fd00:ec2::254]/', AddressRefused],
    ['https://[64:ff9b::a9fe:a9fe]/', AddressRefused],
    ['https://0/', AddressRefused],
  ])('%s', async (url, refusal) => {
    const resolve = resolverOf(['8.8.8.8']);
    await expect(guardedFetch(resolve)({ url })).rejects.toBeInstanceOf(refusal);
    expect(resolve.asked).toEqual([]);
  });

  test.each([
    [['10.0.0.7']],
    [['8.8.8.8', '10.0.0.7']],
    [['2606:4700::1', '::1']],
    [['::ffff:10.0.0.7']],
    [['169.254.169.254']],
    [['not-an-address']],
  ])('a name that resolves to %j', async (answer) => {
    const call = guardedFetch(resolverOf(answer))({ url: 'https://app.example.test/' });
    await expect(call).rejects.toBeInstanceOf(AddressRefused);
  });

  test('localhost, by the machine’s own resolver, with and without a trailing dot', async () => {
    const fetch = guardedFetch(systemResolver);
    await expect(fetch({ url: 'https://localhost/' })).rejects.toBeInstanceOf(AddressRefused);
    await expect(fetch({ url: 'https://localhost./' })).rejects.toBeInstanceOf(AddressRefused);
  });

  test('the message names the host, not the address it resolved to', async () => {
    const call = guardedFetch(resolverOf(['10.0.0.7']))({ url: 'https://app.example.test/secret?token=x' });
    const refusal = await call.catch((error: unknown) => error);
    expect(refusal).toMatchObject({ message: expect.stringContaining('app.example.test') });
    expect(refusal).not.toMatchObject({ message: expect.stringMatching(/10\.0\.0\.7|secret|token/) });
  });

  test('link-local stays shut even where the allow-list names the host', async () => {
    const fetch = guardedFetch(resolverOf(['169.254.169.254']), [
      'metadata.internal:80',
      '169.254.169.254:80',
    ]);
    await expect(fetch({ url: 'http://metadata.internal/' })).rejects.toBeInstanceOf(AddressRefused);
    await expect(fetch({ url: 'http://169.254.169.254/' })).rejects.toBeInstanceOf(AddressRefused);
  });

  test('a stranger’s name that resolves to an allowed address', async () => {
    await using server = await listen((_request, response) => response.end('inside'));
    const fetch = guardedFetch(resolverOf(['127.0.0.1']), [server.host]);
    const call = fetch({ url: `https://evil.example.test:${server.port}/` });
    await expect(call).rejects.toBeInstanceOf(AddressRefused);
  });
});

describe('the connection', () => {
  test('goes to the address that was checked, whatever a second resolution would say', async () => {
    await using server = await listen((request, response) => response.end(request.headers.host));
    const host = `rebind.example.test:${server.port}`;
    const resolve = resolverOf(['127.0.0.1'], ['127.0.0.2']);
    const response = await guardedFetch(resolve, [host])({ url: `http://${host}/` });
    expect(response.body.toString()).toBe(host);
    expect(resolve.asked).toEqual(['rebind.example.test']);
  });

  test('tries the other checked addresses where the first does not answer', async () => {
    await using server = await listen((_request, response) => response.end('here'));
    const host = `two.example.test:${server.port}`;
    const fetch = guardedFetch(resolverOf(['127.0.0.9', '127.0.0.1']), [host]);
    expect((await fetch({ url: `http://${host}/` })).body.toString()).toBe('here');
  });

  test('speaks TLS under the name of the URL and checks the certificate against it', async () => {
    const names: string[] = [];
    await using server = await listen((request, response) => response.end(request.headers.host), {
      ...certificate,
      onServerName: (name) => names.push(name),
    });
    const host = `app.example.test:${server.port}`;
    const wrong = `wrong.example.test:${server.port}`;
    const fetch = guardedFetch(resolverOf(['127.0.0.1']), [host, wrong], certificate.cert);
    expect((await fetch({ url: `https://app.example.test.:${server.port}/` })).body.toString()).toBe(host);
    expect(names).toEqual(['app.example.test']);
    await expect(fetch({ url: `https://${wrong}/` })).rejects.toBeInstanceOf(HostUnreachable);
  });

  test('trusts no certificate outside the known authorities', async () => {
    await using server = await listen((_request, response) => response.end(), certificate);
    const host = `app.example.test:${server.port}`;
    const call = guardedFetch(resolverOf(['127.0.0.1']), [host])({ url: `https://${host}/` });
    await expect(call).rejects.toMatchObject({ name: 'HostUnreachable', outcomeUnknown: false });
  });

  test('that nobody accepts is HostUnreachable: nothing was sent', async () => {
    const server = await listen(() => {});
    await server[Symbol.asyncDispose]();
    const call = guardedFetch(systemResolver, [server.host])({ url: `http://${server.host}/` });
    await expect(call).rejects.toMatchObject({ name: 'HostUnreachable', outcomeUnknown: false });
  });

  test.each([
    ['an empty answer', async () => []],
    ['a failure', () => Promise.reject(new Error('ENOTFOUND'))],
  ])('of a name with %s is HostUnreachable', async (_what, resolve: Resolver) => {
    const call = guardedFetch(resolve)({ url: 'https://app.example.test/' });
    await expect(call).rejects.toBeInstanceOf(HostUnreachable);
  });
});

describe('the answer', () => {
  test('comes with status, headers and body, errors of the server included', async () => {
    await using server = await given((request, response) => {
      response.writeHead(503, { 'x-method': request.method, 'content-type': 'text/plain' });
      response.end(`${request.headers['x-given']} ${request.url}`);
    });
    const response = await server.fetch({ url: `${server.url}a?b=c#d`, headers: { 'x-given': 'yes' } });
    expect(response).toMatchObject({
      status: 503,
      headers: { 'x-method': 'GET' },
      url: `${server.url}a?b=c`,
    });
    expect(response.body.toString()).toBe('yes /a?b=c');
  });

  test('to a body echoes exactly that body', async () => {
    await using server = await given((request, response) => request.pipe(response));
    const body = Buffer.from([0, 255, 10, 13]);
    const response = await server.fetch({ url: server.url, method: 'POST', body });
    expect(response.body).toEqual(body);
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('in %s is decoded', async (encoding, encode) => {
    await using server = await given((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(encode('hello'));
    });
    expect((await server.fetch({ url: server.url })).body.toString()).toBe('hello');
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const)('to %s with %i has no body, whatever its headers say', async (method, status) => {
    await using server = await given((_request, response) => {
      response.writeHead(status, { 'content-encoding': 'gzip' }).end();
    });
    const response = await server.fetch({ url: server.url, method });
    expect(response).toMatchObject({ status, body: Buffer.alloc(0) });
  });

  test('in an encoding nobody asked for is refused', async () => {
    await using server = await given((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end();
    });
    await expect(server.fetch({ url: server.url })).rejects.toBeInstanceOf(UnknownContentEncoding);
  });

  test('of exactly the cap is read, of one byte more is refused', async () => {
    await using server = await given((_request, response) => response.end('x'.repeat(1000)));
    expect((await server.fetch({ url: server.url, maxBytes: 1000 })).body).toHaveLength(1000);
    await expect(server.fetch({ url: server.url, maxBytes: 999 })).rejects.toBeInstanceOf(ResponseTooLarge);
  });

  test('without an end is cut off at the cap', async () => {
    await using server = await given((_request, response) => {
      const pour = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    await expect(server.fetch({ url: server.url, maxBytes: 100_000 })).rejects.toBeInstanceOf(
      ResponseTooLarge,
    );
  });

  test('that inflates beyond the cap is refused', async () => {
    await using server = await given((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000)));
    });
    await expect(server.fetch({ url: server.url, maxBytes: 100_000 })).rejects.toBeInstanceOf(
      ResponseTooLarge,
    );
  });

  test.each([
    ['a length', { 'content-length': '100' }],
    ['gzip', { 'content-encoding': 'gzip' }],
    ['chunks', {}],
  ])('that breaks off in the middle of %s has an unknown outcome', async (_what, headers) => {
    await using server = await given((_request, response) => {
      response.writeHead(200, headers).write(gzipSync('hello').subarray(0, 15), () => response.destroy());
    });
    const call = server.fetch({ url: server.url });
    await expect(call).rejects.toBeInstanceOf(ExchangeBroken);
    await expect(call).rejects.toMatchObject({ outcomeUnknown: true });
  });
});

describe('the deadline', () => {
  const timeoutMs = 80;

  test('covers the name', async () => {
    const call = guardedFetch(() => new Promise(() => {}))({ url: 'https://app.example.test/', timeoutMs });
    await expect(call).rejects.toMatchObject({ name: 'NetDeadlineExceeded', outcomeUnknown: false });
  });

  test('covers the headers', async () => {
    await using server = await given(() => {});
    const call = server.fetch({ url: server.url, timeoutMs });
    await expect(call).rejects.toMatchObject({ name: 'NetDeadlineExceeded', outcomeUnknown: true });
  });

  test('covers a body that drips', async () => {
    await using server = await given((_request, response) => {
      const drip = setInterval(() => response.write('.'), 10);
      response.once('close', () => clearInterval(drip));
    });
    const call = server.fetch({ url: server.url, timeoutMs });
    await expect(call).rejects.toBeInstanceOf(NetDeadlineExceeded);
  });

  test('is one for all redirects together', async () => {
    await using server = await given((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 30);
    });
    const call = server.fetch({ url: server.url, timeoutMs, maxRedirects: 100 });
    await expect(call).rejects.toBeInstanceOf(NetDeadlineExceeded);
  });

  test('that the caller has passed already asks for nothing', async () => {
    const resolve = resolverOf(['8.8.8.8']);
    const call = guardedFetch(resolve)({ url: 'https://app.example.test/', signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ name: 'RequestAborted', outcomeUnknown: false });
    expect(resolve.asked).toEqual([]);
  });

  test('is not waited for where the caller gives up', async () => {
    await using server = await given(() => {});
    const controller = new AbortController();
    const call = server.fetch({ url: server.url, timeoutMs: 60_000, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(call).rejects.toBeInstanceOf(RequestAborted);
  });

  test('leaves no open connection behind', async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await given((request) => {
      void once(request.socket, 'close').then(() => closed.resolve());
    });
    await expect(server.fetch({ url: server.url, timeoutMs })).rejects.toBeInstanceOf(NetDeadlineExceeded);
    await closed.promise;
  });
});

describe('a redirect', () => {
  const redirectTo = (location: string, status = 302): RequestListener => {
    return (request, response) => {
      if (request.url === '/') response.writeHead(status, { location }).end();
      else response.end(`${request.url} ${request.headers.authorization}`);
    };
  };

  test('within the origin is followed, headers along', async () => {
    await using server = await given(redirectTo('/next'));
    const response = await server.fetch({ url: server.url, headers: { authorization: 'Bearer t' } });
    expect(response.body.toString()).toBe('/next Bearer t');
    expect(response.url).toBe(`${server.url}next`);
  });

  test.each([
    'https://app.example.test/',
    'http://169.254.169.254/latest/',
    'http://127.0.0.1:1/',
    '//127.0.0.2/',
    'file:///etc/passwd',
  ])('to %s is refused', async (location) => {
    await using server = await given(redirectTo(location));
    await expect(server.fetch({ url: server.url })).rejects.toMatchObject({
      name: 'RedirectRefused',
      facts: { reason: 'off-host' },
    });
  });

  test('from http to https of the same host is another origin', async () => {
    await using server = await given((request, response) => {
      response.writeHead(301, { location: `https://${request.headers.host}/` }).end();
    });
    await expect(server.fetch({ url: server.url })).rejects.toBeInstanceOf(RedirectRefused);
  });

  test('is resolved and checked again', async () => {
    await using server = await listen(redirectTo('/next'));
    const host = `rebind.example.test:${server.port}`;
    const fetch = guardedFetch(resolverOf(['127.0.0.1'], ['169.254.169.254']), [host]);
    await expect(fetch({ url: `http://${host}/` })).rejects.toBeInstanceOf(AddressRefused);
  });

  test('with credentials is refused', async () => {
    await using server = await listen((request, response) => {
      response.writeHead(302, { location: `http://user:pass@${request.headers.host}/` }).end();
    });
    const fetch = guardedFetch(systemResolver, [server.host]);
    await expect(fetch({ url: `http://${server.host}/` })).rejects.toBeInstanceOf(UrlHasCredentials);
  });

  test('without end is refused after the third', async () => {
    let requests = 0;
    await using server = await given((_request, response) => {
      requests += 1;
      response.writeHead(302, { location: '/' }).end();
    });
    await expect(server.fetch({ url: server.url })).rejects.toMatchObject({ facts: { reason: 'too-many' } });
    expect(requests).toBe(4);
  });

  test.each([301, 302, 303, 307, 308])('%i of a POST is refused', async (status) => {
    await using server = await given(redirectTo('/next', status));
    const call = server.fetch({ url: server.url, method: 'POST', body: 'x' });
    await expect(call).rejects.toMatchObject({ facts: { reason: 'not-repeatable' } });
  });

  test('is handed out where no redirect is wanted', async () => {
    await using server = await given(redirectTo('https://elsewhere.example.test/'));
    const response = await server.fetch({ url: server.url, maxRedirects: 0 });
    expect(response).toMatchObject({ status: 302, headers: { location: 'https://elsewhere.example.test/' } });
  });
});
