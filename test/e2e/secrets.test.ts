import { randomBytes } from 'node:crypto';
import { expect, inject, it } from 'vitest';
import { type Result, unwrap } from '../../client/src/result.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import { tapBus } from '../support/bus-tap.ts';
import { newSecret, type Place, projectAt, startZip } from '../support/custom-place.ts';
import { startCustomServer } from '../support/custom-server.ts';
import { listen } from '../support/http-server.ts';
import { everythingKept, type Kept } from '../support/kept.ts';
import { projectOf, sdk, wholeLog } from '../support/scenario.ts';
import { secretForms } from '../support/secret-forms.ts';
import { answersAbout, placesOf, tracesOf } from '../support/secret-traces.ts';
import { siteRepository } from '../support/site-repository.ts';
import { openSocket, type SocketClient } from '../support/socket-client.ts';

/** Quotes, markup, escapes, letters of two and four bytes: every way of writing it is another text. */
const secretValue = () => {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  return `Sk-${hex(9)} "it's" ${hex(4)} <&>/+% ${hex(4)} ü😀 ${hex(9)}`;
};

/** A build that shows its secret in every way that it can think of. */
const BUILD = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
${secretForms}
const secret = process.env.THE_SECRET;
console.log('begins with', secret.length, 'characters');
for (const [name, form] of Object.entries(secretForms(secret))) console.log(name + ': ' + form);
console.error('on stderr', secret);
const letters = [...secret];
const pieces = (size) => Array.from({ length: Math.ceil(letters.length / size) }, (_, i) => letters.slice(i * size, (i + 1) * size).join(''));
for (const piece of pieces(7)) { process.stdout.write(piece); await sleep(30); }
console.log(' in pieces');
for (const piece of pieces(20)) { process.stdout.write(piece); await sleep(1300); }
console.log(' with pauses');
mkdirSync('public', { recursive: true });
writeFileSync('public/index.html', '<h1>no secret here</h1>');
console.log(secret);
console.log('the end');
`;

/** A whole log that was asked for is a link to its archive from then on. */
async function isArchived(id: string): Promise<boolean> {
  const { url, token } = inject('stack');
  const headers = { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' };
  return (await fetch(`${url}/v1/deployments/${id}/logs`, { headers, redirect: 'manual' })).status === 303;
}

/** A site whose build and whose hooks show the secret. */
async function telltaleSite(secret: string, hookUrl: string) {
  const repository = siteRepository();
  repository.commit({ 'build.mjs': BUILD });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'node build.mjs', outputDirectory: 'public' },
  });
  const hook = { type: 'http', url: hookUrl } as const;
  const hooks = { pre: [{ ...hook, name: 'before' }], post: [{ ...hook, name: 'after' }] };
  unwrap(await sdk().environments.update(project.id, environment.name, { hooks }));
  const place = { projectId: project.id, environment: environment.name };
  await tellSecret(place, secret);
  return { place, repository };
}

const tellSecret = async ({ projectId, environment }: Place, value: string) =>
  unwrap(
    await sdk().environments.setVariable(projectId, environment, 'THE_SECRET', {
      ...{ value, sensitive: true, use: 'both' },
    }),
  );

/** Deploys, watched by somebody, and waits for the end. */
async function watched(
  viewer: SocketClient,
  started: Promise<Result<DeploymentView>>,
): Promise<DeploymentView> {
  const { id } = unwrap(await started);
  viewer.send({ action: 'subscribe', topic: `deployment:${id}`, after: 0 });
  return unwrap(await sdk().deployments.waitFor(id));
}

const messagesOf = async (id: string, step?: string) =>
  (await wholeLog(id))
    .filter((line) => step === undefined || line.step === step)
    .map(({ message }) => message);

it('a secret that build, hook and target show in every way is nowhere but where it is kept', async () => {
  const secret = secretValue();
  const forms = Object.values(secretForms(secret));
  await using hook = await listen((_, response) => response.end(`heard: ${forms.join('\n')}`));
  const signing = newSecret();
  await using server = await startCustomServer({ secret: signing, pendingMs: 300, says: forms });
  const site = await telltaleSite(secret, `http://${hook.host}/`);
  const own = await projectAt(server.url, signing);
  await tellSecret(own, secret);
  await using tap = await tapBus();
  const { websocketUrl, token } = inject('stack');
  const viewer = await openSocket(websocketUrl, { authorization: `Bearer ${token}` });
  const deploySite = () => watched(viewer, sdk().deployments.start(site.place));

  const good = await deploySite();
  expect(good.error).toBeUndefined();
  // One that fails puts its last lines on its record.
  site.repository.commit({ 'build.mjs': `${BUILD}\nprocess.exit(3);` });
  const bad = await deploySite();
  expect(bad.error).toMatchObject({ code: 'BUILD_FAILED', exitCode: 3 });
  expect(bad.error?.message).toContain('***');
  const placed = await watched(viewer, startZip(own));
  expect(placed.error).toBeUndefined();
  const words = JSON.stringify({ error: { code: 'failed', message: forms.join(' ').slice(0, 2000) } });
  server.failNext('activate', { status: 422, body: words });
  const refused = await watched(viewer, startZip(own));
  expect(refused.error?.message).toContain('***');
  viewer.close();

  // They did show it, and what remains of that is a mask for each time.
  const lines = await messagesOf(good.id);
  expect(lines).toContain('plain: ***');
  expect(lines).toContain(`begins with ${secret.length} characters`);
  expect(lines.filter((line) => line.includes('***')).length).toBeGreaterThan(forms.length);
  for (const step of ['hook:before', 'hook:after'])
    expect((await messagesOf(good.id, step)).join('\n')).toContain('heard: ***');
  const said = (await wholeLog(placed.id)).filter(({ source }) => source === 'deploy');
  expect(said.filter(({ message }) => message.includes('***')).length).toBeGreaterThanOrEqual(forms.length);

  const built = [good.id, bad.id];
  const ids = [...built, placed.id, refused.id];
  for (const id of ids) await expect.poll(() => isArchived(id), { timeout: 60_000 }).toBe(true);
  const isHeardOf = async (id: string) => (await tap.heard()).some((text) => text.includes(id));
  for (const id of ids) await expect.poll(() => isHeardOf(id), { timeout: 60_000 }).toBe(true);
  const kept: Kept[] = [];
  for await (const each of everythingKept(inject('stack').dir)) kept.push(each);
  const heard = await tap.heard();
  const seen: Kept[] = [
    ...(await answersAbout(site.place, built)),
    ...(await answersAbout(own, [placed.id, refused.id])),
    ...heard.map((text) => ({ where: 'the event bus', text })),
    { where: 'the socket', text: viewer.frames.map(({ frame }) => JSON.stringify(frame)).join('\n') },
  ];
  // What was looked through is all there, and can be read.
  const shown = `begins with ${secret.length} characters`;
  for (const id of ids) expect(kept.some(({ where }) => where === `execution ${id}`)).toBe(true);
  for (const id of built) {
    const logs = kept.filter(({ where, text }) => where.includes(id) && text.includes(shown));
    expect(logs.map(({ where }) => where)).toEqual([
      expect.stringMatching(/ C#\d+$/),
      expect.stringMatching(/\/logs\/.*\.ndjson\.gz$/),
      expect.stringMatching(/\/logs\/.*\.txt/),
    ]);
  }
  const places = placesOf(tracesOf(secret), [...kept, ...seen]);
  const secretOf = ({ projectId }: Place) => expect.stringContaining(`/secrets/${projectId}/`);
  expect(places.toSorted()).toEqual([secretOf(site.place), secretOf(own)]);
});
