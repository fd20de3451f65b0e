import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRepository } from '../../../local/example/repository.ts';
import { type GitServer, serveRepository } from '../../../local/example/serve.ts';
import { ROOT } from '../../../local/paths.ts';
import { freePort } from '../../../local/supervise/ports.ts';

const run = promisify(execFile);
let dir: string;
let server: GitServer;
let first: string;
let second: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-example-'));
  const source = join(dir, 'source');
  await cp(join(ROOT, 'examples', 'site'), source, { recursive: true });
  first = await makeRepository(source, join(dir, 'repository'));
  await writeFile(join(source, 'public', 'robots.txt'), 'User-agent: *\nDisallow: /\n');
  second = await makeRepository(source, join(dir, 'repository'));
  server = await serveRepository(join(dir, 'repository'), await freePort());
});
afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

test('a changed folder is one further commit, an unchanged one is none', async () => {
  expect(second).not.toBe(first);
  expect(await makeRepository(join(dir, 'source'), join(dir, 'repository'))).toBe(second);
});

test.each(['0', '2'])('git clones it shallowly by protocol %s', async (protocol) => {
  const clone = join(dir, `clone-${protocol}`);
  await run('git', ['-c', `protocol.version=${protocol}`, 'clone', '-q', '--depth', '1', server.url, clone]);
  expect((await run('git', ['rev-parse', 'HEAD'], { cwd: clone })).stdout.trim()).toBe(second);
  expect(await readFile(join(clone, 'public', 'robots.txt'), 'utf8')).toContain('Disallow');
});

test('a commit that is no longer the head can be fetched by its name', async () => {
  const clone = join(dir, 'pinned');
  await run('git', ['init', '-q', clone]);
  await run('git', ['fetch', '-q', '--depth', '1', server.url, first], { cwd: clone });
  expect((await run('git', ['rev-parse', 'FETCH_HEAD'], { cwd: clone })).stdout.trim()).toBe(first);
});

test('nothing can be pushed', async () => {
  const clone = join(dir, 'clone-2');
  await expect(run('git', ['push', server.url, 'HEAD:refs/heads/other'], { cwd: clone })).rejects.toThrow(
    'not found',
  );
});
