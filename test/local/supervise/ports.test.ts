import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keptPort } from '../../../local/supervise/kept-ports.ts';
import { demandPort, LOOPBACK } from '../../../local/supervise/ports.ts';

async function occupied(port = 0) {
  const server = createServer().listen(port, LOOPBACK);
  await once(server, 'listening');
  // Listening on TCP, so the address is not a pipe's name.
  const address = server.address() as AddressInfo;
  return { port: address.port, free: () => new Promise((resolve) => server.close(resolve)) };
}

test('a taken port is refused with a sentence that says what to do', async () => {
  const other = await occupied();
  await expect(demandPort(other.port)).rejects.toThrow(
    `Port ${other.port} is taken by another program; choose another with --port.`,
  );
  await other.free();
  expect(await demandPort(other.port)).toBe(other.port);
});

test('a named port stays the same from run to run until somebody takes it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'slipway-ports-'));
  const first = await keptPort(home, 'edge');
  expect(await keptPort(home, 'edge')).toBe(first);
  const other = await occupied(first);
  const second = await keptPort(home, 'edge');
  expect(second).not.toBe(first);
  await other.free();
  expect(await keptPort(home, 'edge')).toBe(second);
  await rm(home, { recursive: true });
});
