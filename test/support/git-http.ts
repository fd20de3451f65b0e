import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen, type TestServer } from './http-server.ts';

export interface GitServerOptions {
  /** Folder whose bare repositories are served by their path below it. */
  readonly root: string;
  /** Wanted as HTTP basic authentication; without it everybody may read. */
  readonly credential?: { readonly user?: string; readonly password: string };
  /** Answers like a server that knows only protocol 0. */
  readonly oldProtocol?: boolean;
  /** Served over TLS with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A smart HTTP git server on loopback: git's own `http-backend` behind Node. */
export async function serveGit(
  options: GitServerOptions,
): Promise<TestServer & { readonly requests: string[] }> {
  const requests: string[] = [];
  const server = await listen((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (!authorized(request, options.credential)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    void runBackend(request, response, options).catch(() => response.destroy());
  }, options.tls);
  return { ...server, requests };
}

function authorized(request: IncomingMessage, credential: GitServerOptions['credential']): boolean {
  if (credential === undefined) return true;
  const encoded = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const [user, password] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s);
  return password === credential.password && (credential.user ?? user) === user;
}

/** One CGI call (RFC 3875). */
async function runBackend(
  request: IncomingMessage,
  response: ServerResponse,
  options: GitServerOptions,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: options.root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      // Test repositories may belong to another user than the one who runs the tests.
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      CONTENT_LENGTH: request.headers['content-length'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: options.oldProtocol ? '' : headerOf(request, 'git-protocol'),
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => {});
  const [output] = await Promise.all([text(backend.stdout.setEncoding('latin1')), once(backend, 'close')]);
  const end = output.indexOf('\r\n\r\n');
  const headers = output
    .slice(0, end)
    .split('\r\n')
    .map((line) => line.split(/:\s*(.*)/s));
  const status = headers.find(([name]) => name === 'Status')?.[1];
  response.statusCode = Number.parseInt(status ?? '200', 10);
  for (const [name, value] of headers) {
    if (name && value && name !== 'Status') response.setHeader(name, value);
  }
  response.end(output.slice(end + 4), 'latin1');
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
