import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { childEnvironment } from '../environment.ts';
import { LOOPBACK } from '../supervise/ports.ts';

export interface GitServer {
  /** What a project is given as its repository. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves one repository for reading over git's smart HTTP protocol, so that the example is cloned the way other
 * people's repositories are. Only the two requests of a fetch are answered, so nothing can be pushed.
 */
export async function serveRepository(repository: string, port: number): Promise<GitServer> {
  const name = '/site.git';
  const server = createServer((request, response) => {
    answer(repository, name, request, response).catch(() => response.destroy());
  });
  await listen(server, port);
  return {
    url: `http://${LOOPBACK}:${port}${name}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  repository: string,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = `${request.method} ${request.url}`;
  response.setHeader('cache-control', 'no-cache');
  if (asked === `GET ${name}/info/refs?service=git-upload-pack`) {
    response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
    if (protocolOf(request) !== 'version=2') response.write('001e# service=git-upload-pack\n0000');
    await uploadPack(repository, ['--advertise-refs'], request, response);
  } else if (asked === `POST ${name}/git-upload-pack`) {
    response.setHeader('content-type', 'application/x-git-upload-pack-result');
    await uploadPack(repository, [], request, response);
  } else {
    response.writeHead(404).end();
  }
}

async function uploadPack(
  repository: string,
  args: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const child = spawn('git', ['upload-pack', '--stateless-rpc', '--strict', ...args, `${repository}/.git`], {
    env: childEnvironment({ GIT_PROTOCOL: protocolOf(request) }),
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: 60_000,
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  await Promise.race([
    // git may have read all it wants before the request's body has ended.
    Promise.all([pipeline(body, child.stdin).catch(() => undefined), pipeline(child.stdout, response)]),
    failed,
  ]);
}

/** The protocol version that the client asked for; only what git itself sends is passed on. */
function protocolOf(request: IncomingMessage): string {
  const asked = request.headers['git-protocol'];
  return typeof asked === 'string' && /^version=[0-2]$/.test(asked) ? asked : 'version=0';
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
}
