import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { filesOf } from '../../../local/example/archive.ts';
import { compareServed } from '../../../local/example/compare.ts';

const built = {
  'index.html': '<h1>home</h1>',
  'about/index.html': '<h1>about</h1>',
  '404.html': 'nothing here',
  'assets/app-3f2a.js': 'go()',
};

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

async function serving(pages: Record<string, string>): Promise<string> {
  server = createServer((request, response) => {
    const page = pages[request.url ?? ''];
    response.writeHead(page === undefined ? 404 : 200).end(page ?? 'nothing here');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // Listening on TCP, so the address is not a pipe's name.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function artifact() {
  const zip = new ZipFile();
  for (const [path, text] of Object.entries(built)) zip.addBuffer(Buffer.from(text), path);
  zip.end();
  return filesOf(await buffer(zip.outputStream));
}

const right = {
  '/': built['index.html'],
  '/index.html': built['index.html'],
  '/about': built['about/index.html'],
  '/about/index.html': built['about/index.html'],
  '/404': built['404.html'],
  '/404.html': built['404.html'],
  '/assets/app-3f2a.js': built['assets/app-3f2a.js'],
};

test('a site that serves what was built agrees at every address', async () => {
  const address = await serving(right);
  expect(await compareServed(address, await artifact())).toEqual({ fetched: 8, differences: [] });
});

test('another page, a missing asset and a missing clean address are each named', async () => {
  const { '/assets/app-3f2a.js': _asset, '/about': _clean, ...rest } = right;
  const address = await serving({ ...rest, '/': '<h1>yesterday</h1>' });
  const { differences } = await compareServed(address, await artifact());
  expect(differences).toEqual([
    `${address}/ serves 18 bytes that are not the 13 bytes that were built.`,
    `${address}/about answers 404 instead of 200.`,
    `${address}/assets/app-3f2a.js answers 404 instead of 200.`,
  ]);
});

test('an artifact without files is not a proof of anything', async () => {
  const address = await serving(right);
  expect((await compareServed(address, [])).differences).toEqual(['The artifact holds no files.']);
});
