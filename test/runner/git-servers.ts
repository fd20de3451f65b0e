import { execFileSync, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { startGitDaemon } from '../support/git-daemon.ts';
import { listen, type TestServer } from '../support/http-server.ts';
import type { TestRepository } from './fixtures.ts';

export interface GitServer extends AsyncDisposable {
  readonly url: string;
  /** Headers of the requests so far. */
  readonly authorizations: (string | undefined)[];
}

/** Smart HTTP, by git's own CGI program; with `authorization`, only for whoever sends exactly that. */
export async function serveHttp(repository: TestRepository, authorization?: string): Promise<GitServer> {
  const program = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
  const authorizations: (string | undefined)[] = [];
  const server: TestServer = await listen((request, response) => {
    authorizations.push(request.headers.authorization);
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    const cgi = spawn(program, {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: dirname(repository.folder),
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(cgi.stdin);
    const parts: Buffer[] = [];
    cgi.stdout.on('data', (part: Buffer) => parts.push(part));
    cgi.stdout.on('end', () => {
      const whole = Buffer.concat(parts);
      const end = whole.indexOf('\r\n\r\n');
      for (const line of whole.subarray(0, end).toString().split('\r\n')) {
        const [name = '', value = ''] = line.split(': ');
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.end(whole.subarray(end + 4));
    });
  });
  const url = `http://${server.host}/${basename(repository.folder)}/.git`;
  return { url, authorizations, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A folder on a plain web server, as git could be served before 2010: no single commits, no shallow clones. */
export async function serveDumb(repository: TestRepository): Promise<GitServer> {
  repository.git('update-server-info');
  const server = await listen((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    createReadStream(join(repository.folder, '.git', path.replace(/^\/site.git/, '')))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  return {
    url: `http://${server.host}/site.git`,
    authorizations: [],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** git's own protocol. */
export async function serveGit(repository: TestRepository): Promise<GitServer> {
  const daemon = await startGitDaemon(dirname(repository.folder));
  return {
    url: `git://${daemon.host}/${basename(repository.folder)}`,
    authorizations: [],
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}
