import { randomBytes } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { tapBus } from '../support/bus-tap.ts';
import { everythingKept, type Kept } from '../support/kept.ts';
import { projectOf, sdk, wholeLog } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';
import { openSocket } from '../support/socket-client.ts';

/** Quotes, markup, escapes, letters of two and four bytes: every way of writing it is another text. */
const secretValue = () => {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  return `Sk-${hex(9)} "it's" ${hex(4)} <&>/+% ${hex(4)} ü😀 ${hex(9)}`;
};

/** A build that shows its secret in every way that it can think of. */
const BUILD = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const secret = process.env.THE_SECRET;
const bytes = Buffer.from(secret);
console.log('begins with', secret.length, 'characters');
console.log('plain', secret);
console.error('on stderr', secret);
for (const before of ['', 'a', 'ab']) console.log('base64', Buffer.from(before + secret).toString('base64'));
console.log('base64url', bytes.toString('base64url'));
console.log('wrapped\\n' + bytes.toString('base64').replace(/.{20}/g, '$&\\n'));
console.log('hex', bytes.toString('hex'), bytes.toString('hex').toUpperCase());
console.log('uri', encodeURIComponent(secret));
console.log('json', JSON.stringify({ secret }), JSON.stringify(JSON.stringify({ secret })));
const letters = [...secret];
const pieces = (size) => Array.from({ length: Math.ceil(letters.length / size) }, (_, i) => letters.slice(i * size, (i + 1) * size).join(''));
for (const piece of pieces(7)) { process.stdout.write(piece); await sleep(30); }
console.log(' in pieces');
console.log('lines\\n' + pieces(16).join('\\n'));
for (const piece of pieces(20)) { process.stdout.write(piece); await sleep(1300); }
console.log(' with pauses');
mkdirSync('public', { recursive: true });
writeFileSync('public/index.html', '<h1>no secret here</h1>');
console.log(secret);
console.log('the end');
`;

/** Stretches of a text so close together that whoever shows \`size + step\` characters of it shows one of them. */
const stretches = (text: string, size: number, step: number) =>
  Array.from({ length: Math.max(0, Math.floor((text.length - size) / step) + 1) }, (_, i) =>
    text.slice(i * step, i * step + size),
  );

/** What must be nowhere: any part of the value worth having, in any of the ways. */
function tracesOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = ['', 'a', 'ab'].map((before) =>
    Buffer.from(before + secret)
      .toString('base64')
      .slice(4, -4),
  );
  const plain = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  return [
    ...plain.flatMap((text) => stretches(text, 16, 4)),
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase()].flatMap((text) => stretches(text, 28, 4)),
    ...base64.flatMap((text) => stretches(text, 20, 4)),
  ];
}

const placesOf = (traces: readonly string[], kept: readonly Kept[]) =>
  kept.filter(({ text }) => traces.some((trace) => text.includes(trace))).map(({ where }) => where);

/** Everything that the API says about a deployment and where it went, as plain text. */
async function answersAbout(projectId: string, environment: string, ids: readonly string[]): Promise<Kept[]> {
  const { url, token } = inject('stack');
  const place = `/projects/${projectId}/environments/${environment}`;
  const paths = [
    ...ids.flatMap((id) =>
      ['', '/status', '/logs?limit=1000', '/result', '/artifacts'].map((end) => `/deployments/${id}${end}`),
    ),
    ...[
      '/deployments',
      `/projects/${projectId}`,
      `/projects/${projectId}/versions`,
      place,
      `${place}/variables`,
    ],
  ];
  return Promise.all(
    paths.map(async (path) => {
      const answer = await fetch(`${url}/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
      // What failed before it had an artifact says so instead of linking to one.
      expect(path.endsWith('/artifacts') ? [200, 422] : [200], path).toContain(answer.status);
      return { where: `GET ${path}`, text: await answer.text() };
    }),
  );
}

/** A whole log that was asked for is a link to its archive from then on. */
async function isArchived(id: string): Promise<boolean> {
  const { url, token } = inject('stack');
  const headers = { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' };
  return (await fetch(`${url}/v1/deployments/${id}/logs`, { headers, redirect: 'manual' })).status === 303;
}

it('a secret that a build shows in every way is nowhere but where it is kept', async () => {
  const secret = secretValue();
  const repository = siteRepository();
  repository.commit({ 'build.mjs': BUILD });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'node build.mjs', outputDirectory: 'public' },
  });
  const { deployments, environments } = sdk();
  const body = { value: secret, sensitive: true, use: 'build' } as const;
  unwrap(await environments.setVariable(project.id, environment.name, 'THE_SECRET', body));
  await using tap = await tapBus();
  const { websocketUrl, token } = inject('stack');
  const viewer = await openSocket(websocketUrl, { authorization: `Bearer ${token}` });

  const watched = async () => {
    const { id } = unwrap(await deployments.start({ projectId: project.id, environment: environment.name }));
    viewer.send({ action: 'subscribe', topic: `deployment:${id}`, after: 0 });
    return unwrap(await deployments.waitFor(id));
  };
  const good = await watched();
  expect(good.error).toBeUndefined();
  // One that fails puts its last lines on its record.
  repository.commit({ 'build.mjs': `${BUILD}\nprocess.exit(3);` });
  const bad = await watched();
  expect(bad.error).toMatchObject({ code: 'BUILD_FAILED', exitCode: 3 });
  expect(bad.error?.message).toContain('***');
  viewer.close();

  // The build did show it, and what remains of that is a mask for each time.
  const lines = (await wholeLog(good.id)).map(({ message }) => message);
  expect(lines).toContain('plain ***');
  expect(lines).toContain(`begins with ${secret.length} characters`);
  expect(lines.filter((line) => line.includes('***')).length).toBeGreaterThan(12);

  const ids = [good.id, bad.id];
  for (const id of ids) await expect.poll(() => isArchived(id), { timeout: 60_000 }).toBe(true);
  const isHeardOf = async (id: string) => (await tap.heard()).some((text) => text.includes(id));
  for (const id of ids) await expect.poll(() => isHeardOf(id), { timeout: 60_000 }).toBe(true);
  const kept: Kept[] = [];
  for await (const each of everythingKept(inject('stack').dir)) kept.push(each);
  const heard = await tap.heard();
  const seen: Kept[] = [
    ...(await answersAbout(project.id, environment.name, ids)),
    ...heard.map((text) => ({ where: 'the event bus', text })),
    { where: 'the socket', text: viewer.frames.map(({ frame }) => JSON.stringify(frame)).join('\n') },
  ];
  // What was looked through is all there, and can be read.
  const shown = `begins with ${secret.length} characters`;
  for (const id of ids) {
    expect(kept.some(({ where }) => where === `execution ${id}`)).toBe(true);
    const logs = kept.filter(({ where, text }) => where.includes(id) && text.includes(shown));
    expect(logs.map(({ where }) => where)).toEqual([
      expect.stringMatching(/ C#\d+$/),
      expect.stringMatching(/\/logs\//),
    ]);
  }
  const places = placesOf(tracesOf(secret), [...kept, ...seen]);
  expect(places).toEqual([expect.stringMatching(/\/secrets\/prj_.*\/THE_SECRET\//)]);
});
