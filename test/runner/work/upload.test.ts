import { writeFileSync } from 'node:fs';
import type http from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Unanswered } from '../../../runner/protocol/call.ts';
import { uploadArtifact } from '../../../runner/work/upload.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { systemRandom } from '../../../shared/platform/random.ts';
import { listen } from '../../support/http-server.ts';
import { tempFolder } from '../fixtures.ts';

const SIZE = 3_000_000;

/** A store that treats each attempt as told, and the bytes it was given by those it took. */
async function store(...attempts: (number | 'hang up' | 'refuse early')[]) {
  const received: number[] = [];
  const server = await listen((request: http.IncomingMessage, response: http.ServerResponse) => {
    const next = attempts.shift() ?? 200;
    if (next === 'hang up') {
      request.once('data', () => request.socket.destroy());
      return;
    }
    if (next === 'refuse early') {
      // As S3 does with a wrong signature: it answers before it has read the body.
      response.writeHead(403, { connection: 'close' }).end('<Error/>');
      return;
    }
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
    });
    request.on('end', () => {
      received.push(size);
      response.writeHead(next).end();
    });
  });
  return { server, received, left: () => attempts.length };
}

const placeAt = async (host: string) => ({
  url: `http://${host}/key?signature=secret`,
  headers: { 'content-type': 'application/zip' },
});

function upload(
  host: string,
  signal = new AbortController().signal,
  place = () => placeAt(host),
): Promise<void> {
  const file = join(tempFolder(), 'artifact.zip');
  writeFileSync(file, Buffer.alloc(SIZE));
  return uploadArtifact({ file, size: SIZE, place, signal, clock: systemClock, random: systemRandom });
}

test('an artifact is sent again after a busy store and a broken connection', async () => {
  const { server, received } = await store(503, 'hang up', 200);
  await using _server = server;
  await upload(server.host);
  expect(received).toEqual([SIZE, SIZE]);
});

test('the link is asked for before each try, also where that takes several', async () => {
  const { server, received } = await store(503, 200);
  await using _server = server;
  const answers = ['away', 'old', 'new'];
  const asked: (string | undefined)[] = [];
  await upload(server.host, undefined, async () => {
    asked.push(answers.shift());
    if (asked.at(-1) === 'away') throw new Unanswered('status 503');
    return placeAt(server.host);
  });
  expect(asked).toEqual(['away', 'old', 'new']);
  expect(received).toEqual([SIZE, SIZE]);
});

test('a store that refuses is not asked again', async () => {
  const { server, left } = await store('refuse early', 200);
  await using _server = server;
  const failed = upload(server.host);
  await expect(failed).rejects.toMatchObject({ code: 'UPLOAD_FAILED', retryable: true });
  await expect(failed).rejects.not.toThrow(/signature/);
  expect(left()).toBe(1);
});

test('a job that is stopped stops its upload', async () => {
  const stop = new AbortController();
  const server = await listen((request) => {
    request.once('data', () => stop.abort(new Error('enough')));
  });
  await using _server = server;
  await expect(upload(server.host, stop.signal)).rejects.toThrow('enough');
});
