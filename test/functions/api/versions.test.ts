import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { uploadedArtifactKey } from '../../../shared/platform/upload-keys.ts';
import { getVersion } from '../../../shared/store/versions.ts';
import { renamed, type ZipEntry, zipOf } from '../../support/zip.ts';
import { makeProject, type TestApi, testApi } from './support.ts';

let api: TestApi;
let project: string;
beforeAll(async () => {
  api = await testApi();
  project = await makeProject(api, { repository: { url: 'https://git.example.com/team/app.git' } });
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const index: ZipEntry = { path: 'index.html', content: '<h1>hello</h1>' };

/** A version of these bytes, put where its upload URL leads, not completed. */
async function uploaded(zip: Buffer, headers: Record<string, string> = {}): Promise<string> {
  const source = { type: 'upload', sha256: sha256(zip), size: zip.length };
  const { body } = await api.send(`POST /v1/projects/${project}/versions`, { body: { source }, headers });
  await api.s3.send(
    new PutObjectCommand({
      Bucket: api.buckets.artifacts,
      Key: uploadedArtifactKey(project, body.id),
      Body: zip,
    }),
  );
  return body.id;
}

const complete = (id: string) => api.send(`POST /v1/projects/${project}/versions/${id}/complete`);

describe('a version of a git ref', () => {
  test('is ready at once and numbered in the order of creation', async () => {
    const id = await makeProject(api, { repository: { url: 'https://git.example.com/team/app.git' } });
    const make = () =>
      api.send(`POST /v1/projects/${id}/versions`, { body: { source: { type: 'git', ref: 'main' } } });
    const first = await make();
    expect(first.body).toMatchObject({ number: 1, state: 'ready', source: { type: 'git', ref: 'main' } });
    expect(first.body).not.toHaveProperty('upload');
    const more = await Promise.all([make(), make(), make()]);
    expect(more.map(({ body }) => body.number).toSorted()).toEqual([2, 3, 4]);
    const { body } = await api.send(`GET /v1/projects/${id}/versions?limit=3`);
    expect(body.items.map(({ number }) => number)).toEqual([4, 3, 2]);
    const rest = await api.send(`GET /v1/projects/${id}/versions?limit=3&cursor=${body.nextCursor}`);
    expect(rest.body.items.map(({ number }) => number)).toEqual([1]);
  });

  test('belongs to its project and is not there in another', async () => {
    const made = await api.send(`POST /v1/projects/${project}/versions`, {
      body: { source: { type: 'git', ref: 'v1' } },
    });
    const other = await makeProject(api);
    expect((await api.send(`GET /v1/projects/${other}/versions/${made.body.id}`)).body.code).toBe(
      'VERSION_NOT_FOUND',
    );
    expect((await complete(made.body.id)).body.code).toBe('INVALID_STATE');
  });
});

describe('an uploaded version', () => {
  test('is deployable once its zip was put to the signed URL and completed', async () => {
    const zip = await zipOf([index, { path: 'a/b.js', content: 'x'.repeat(100_000) }]);
    const source = { type: 'upload', sha256: sha256(zip), size: zip.length };
    // The store holds the signature against its own clock.
    api.store.clock.set(Date.now());
    const made = await api.send(`POST /v1/projects/${project}/versions`, { body: { source } });
    expect(made.body).toMatchObject({ state: 'pending' });
    const { url, headers } = made.body.upload;
    expect(headers).toMatchObject({
      'content-length': String(zip.length),
      'content-type': 'application/zip',
    });
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;x-amz-checksum-sha256',
    );
    expect((await complete(made.body.id)).body.code).toBe('INVALID_STATE');
    const put = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(zip) });
    expect(put.status).toBe(200);
    const done = await complete(made.body.id);
    expect(done.body).toMatchObject({ state: 'ready', digest: sha256(zip), size: zip.length, files: 2 });
    expect((await complete(made.body.id)).body).toEqual(done.body);
    const { body } = await api.send(`GET /v1/projects/${project}/versions/${made.body.id}`);
    expect(body).toEqual(done.body);
    expect(body).not.toHaveProperty('upload');
  });

  test('is made once for one key, and every answer has the same place to put the zip', async () => {
    const source = { type: 'upload', sha256: 'a'.repeat(64), size: 1000 };
    const sent = { body: { source }, headers: { 'idempotency-key': 'upload' } };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.send(`POST /v1/projects/${project}/versions`, sent)),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.upload.url)).size).toBe(1);
  });

  test('may hold names that only look dangerous', async () => {
    const names = ['..hidden/file', 'a..b', 'a/..b/c', 'ünïcode.html', 'sp ace.txt', 'dir/', 'dir/x'];
    const entries = names.filter((path) => !path.endsWith('/')).map((path) => ({ path, content: path }));
    expect((await complete(await uploaded(await zipOf(entries)))).body).toMatchObject({
      state: 'ready',
      files: 6,
    });
  });
});

/** Overwrites a field of every central directory entry: what no well-behaved writer would write. */
function patchedDirectory(zip: Buffer, change: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(zip);
  for (
    let at = copy.indexOf('PK\u0001\u0002', 0, 'latin1');
    at >= 0;
    at = copy.indexOf('PK\u0001\u0002', at + 4, 'latin1')
  ) {
    change(copy.subarray(at));
  }
  return copy;
}

/** A zip of empty files, written by hand: making thousands of streams would take longer than reading them. */
function manyFiles(count: number): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (let i = 0; i < count; i += 1) {
    const name = Buffer.from(`f${i}`);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    locals.push(local, name);
    directory.push(central, name);
    offset += local.length + name.length;
  }
  const size = directory.reduce((sum, piece) => sum + piece.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

test('20,000 files are read in time', async () => {
  expect((await complete(await uploaded(manyFiles(20_000)))).body).toMatchObject({
    state: 'ready',
    files: 20_000,
  });
});

describe('an upload is refused, naming the path that is wrong, and its version stays unusable', () => {
  const named = async (path: string) => {
    const placeholder = 'X'.repeat(Buffer.byteLength(path));
    return renamed(await zipOf([index, { path: placeholder, content: 'x' }]), placeholder, path);
  };
  const two = async (a: string, b: string) => {
    const placeholder = 'Y'.repeat(b.length);
    return renamed(
      await zipOf([
        { path: a, content: '1' },
        { path: placeholder, content: '2' },
      ]),
      placeholder,
      b,
    );
  };

  test.each<[string, () => Promise<Buffer>, string | undefined]>([
    ['a path with ..', () => named('../evil'), '../evil'],
    ['a path with .. inside', () => named('a/../../evil'), 'a/../../evil'],
    ['an absolute path', () => named('/etc/passwd'), '/etc/passwd'],
    ['a path on a drive', () => named('C:evil.txt'), 'C:evil.txt'],
    ['a path with a backslash', () => named('a\\..\\evil'), 'a\\..\\evil'],
    ['a path with a control character', () => named('a\nb'), 'a\nb'],
    ['a path that is not plain', () => named('a/./b'), 'a/./b'],
    ['a path twice', () => two('same.txt', 'same.txt'), 'same.txt'],
    ['a path twice but for its case', () => two('index.html', 'INDEX.html'), 'INDEX.html'],
    ['a file that is a folder too', () => two('a', 'a/b'), 'a/b'],
    [
      'a symbolic link',
      () => zipOf([index, { path: 'link', content: '/etc/passwd', mode: 0o120777 }]),
      'link',
    ],
    ['a device', () => zipOf([index, { path: 'null', content: '', mode: 0o020666 }]), 'null'],
    [
      'no file',
      async () => Buffer.concat([Buffer.from('PK\u0005\u0006', 'latin1'), Buffer.alloc(18)]),
      undefined,
    ],
    [
      'something else than a zip',
      async () => Buffer.from('<html>not a zip, but long enough to be one</html>'),
      undefined,
    ],
    ['a zip that is cut off', async () => (await zipOf([index])).subarray(0, 60), undefined],
    ['a bomb that says so', () => zipOf([{ path: 'bomb', content: Buffer.alloc(60 * 1024 * 1024) }]), 'bomb'],
    [
      'a bomb that lies about its size',
      async () =>
        patchedDirectory(await zipOf([{ path: 'bomb', content: Buffer.alloc(60 * 1024 * 1024) }]), (header) =>
          header.writeUInt32LE(1000, 24),
        ),
      'bomb',
    ],
    [
      'a file that no target could place',
      async () =>
        patchedDirectory(await zipOf([index]), (header) => header.writeUInt32LE(257 * 1024 * 1024, 24)),
      'index.html',
    ],
    [
      'files of more than 500 MB together',
      async () =>
        patchedDirectory(
          await zipOf([index, { path: 'second', content: '2' }, { path: 'third', content: '3' }]),
          (header) => header.writeUInt32LE(200 * 1024 * 1024, 24),
        ),
      undefined,
    ],
    [
      'an encrypted file',
      async () => patchedDirectory(await zipOf([index]), (header) => header.writeUInt16LE(0x0801, 8)),
      'index.html',
    ],
    [
      'a file that is compressed in an unknown way',
      async () => patchedDirectory(await zipOf([index]), (header) => header.writeUInt16LE(14, 10)),
      'index.html',
    ],
    [
      'a damaged file',
      async () => patchedDirectory(await zipOf([index]), (header) => header.writeUInt32LE(0xdeadbeef, 16)),
      'index.html',
    ],
    ['more than 20,000 files', async () => manyFiles(20_001), undefined],
  ])('%s', async (_, make, path) => {
    const zip = await make();
    const id = await uploaded(zip);
    const { status, body } = await complete(id);
    expect(body).toMatchObject({ code: 'INVALID_ARTIFACT', ...(path === undefined ? {} : { path }) });
    expect(status).toBe(422);
    expect(await getVersion(api.store, id)).toMatchObject({ state: 'unusable', problem: body.detail });
    expect((await complete(id)).body.code).toBe('INVALID_ARTIFACT');
  });

  test('other bytes than were declared', async () => {
    const zip = await zipOf([index]);
    const source = { type: 'upload', sha256: 'b'.repeat(64), size: zip.length };
    const { body } = await api.send(`POST /v1/projects/${project}/versions`, { body: { source } });
    const Key = uploadedArtifactKey(project, body.id);
    await api.s3.send(new PutObjectCommand({ Bucket: api.buckets.artifacts, Key, Body: zip }));
    expect((await complete(body.id)).body).toMatchObject({ status: 422, code: 'INVALID_ARTIFACT' });
  });

  test('another size than was declared', async () => {
    const zip = await zipOf([index]);
    const source = { type: 'upload', sha256: sha256(zip), size: zip.length + 1 };
    const { body } = await api.send(`POST /v1/projects/${project}/versions`, { body: { source } });
    const Key = uploadedArtifactKey(project, body.id);
    await api.s3.send(new PutObjectCommand({ Bucket: api.buckets.artifacts, Key, Body: zip }));
    expect((await complete(body.id)).body).toMatchObject({ status: 422, code: 'INVALID_ARTIFACT' });
  });
});
