import { expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { deployZip, liveAt, newSecret, projectAt, SECRET, startZip } from '../support/custom-place.ts';
import { type CustomServer, startCustomServer } from '../support/custom-server.ts';
import { listen } from '../support/http-server.ts';
import { sdk, wholeLog } from '../support/scenario.ts';

const actionsOf = ({ requests }: CustomServer) => requests.map(({ action }) => action);

it.concurrent('a release goes live at a server of the team’s own, and the server itself proves it', async () => {
  const secret = newSecret();
  await using server = await startCustomServer({ secret });
  const place = await projectAt(server.url, secret);

  const ended = await deployZip(place);
  expect(ended).toMatchObject({ status: 'succeeded', releaseState: 'active' });
  expect(ended.url).toBe(server.address(place.projectId, place.environment));
  expect(await liveAt(ended.url)).toBe(ended.id);
  expect(actionsOf(server)).toEqual(expect.arrayContaining(['start', 'activate', 'serving']));
  // What it signs with is not handed on, and shows nowhere.
  const { projects, environments, deployments } = sdk();
  const shown = [
    ended,
    await wholeLog(ended.id),
    server.requests,
    unwrap(await projects.get(place.projectId)),
    unwrap(await environments.get(place.projectId, place.environment)),
    unwrap(await environments.variables(place.projectId, place.environment)),
    unwrap(await deployments.status(ended.id)),
  ];
  expect(JSON.stringify(shown)).toContain(SECRET);
  expect(JSON.stringify(shown)).not.toContain(secret.slice('whsec_'.length));
});

it.concurrent('what a server does after its answer is watched to its end, and its lines stand in the log', async () => {
  const secret = newSecret();
  await using server = await startCustomServer({ secret, pendingMs: 1500 });
  const place = await projectAt(server.url, secret);

  const ended = await deployZip(place);
  expect(ended.error).toBeUndefined();
  expect(ended.status).toBe('succeeded');
  expect(await liveAt(ended.url)).toBe(ended.id);
  expect(actionsOf(server)).toEqual(expect.arrayContaining(['status', 'logs']));
  const said = (await wholeLog(ended.id)).filter(({ source }) => source === 'deploy');
  const messages = said.map(({ message }) => message);
  expect(messages.filter((message) => message === 'Fetching the artifact.')).toHaveLength(1);
  expect(messages.filter((message) => /^Placed \d+ bytes\.$/.test(message))).toHaveLength(1);
});

it.concurrent('where the live check fails, the server serves again what it served before', async () => {
  const secret = newSecret();
  await using server = await startCustomServer({ secret });
  let status = 200;
  await using health = await listen((_, response) => response.writeHead(status).end());
  const place = await projectAt(server.url, secret);
  const healthCheck = { url: `http://${health.host}/`, attempts: 2, intervalSeconds: 1 };
  unwrap(await sdk().environments.update(place.projectId, place.environment, { healthCheck }));

  const good = await deployZip(place);
  expect(good.status).toBe('succeeded');
  status = 500;
  const bad = await deployZip(place);
  expect(bad).toMatchObject({
    status: 'failed',
    releaseState: 'rolled-back',
    error: { code: 'LIVE_CHECK_FAILED', stage: 'activate' },
  });
  expect(await liveAt(good.url)).toBe(good.id);
  const after = unwrap(await sdk().environments.get(place.projectId, place.environment));
  expect(after.active).toBe(good.id);
  expect(after.slot.owner).toBeUndefined();

  status = 200;
  const next = await deployZip(place);
  expect(next.status).toBe('succeeded');
  expect(await liveAt(good.url)).toBe(next.id);
});

it.concurrent('a server with another secret, and a project without one, get nowhere and are told why', async () => {
  await using server = await startCustomServer({ secret: newSecret() });
  const wrong = await deployZip(await projectAt(server.url, newSecret()));
  expect(wrong).toMatchObject({ status: 'failed', error: { code: 'AUTH_FAILED', stage: 'release' } });
  expect(wrong.error?.suggestion).toMatch(/signing secret/);

  const without = await startZip(await projectAt(server.url));
  if (without.ok) throw new Error('It was started without the secret.');
  expect(without.error.code).toBe('PREREQUISITES_NOT_MET');
  expect(without.error.message).toContain(SECRET);
  expect(server.requests).toEqual([]);
});

it.concurrent('a server that hangs up without an answer ends the deployment as failed, and leaves the environment free', async () => {
  // Not one that stays silent: each of its calls would be waited out, for minutes in all.
  await using silent = await listen((request) => request.socket.destroy());
  const place = await projectAt(`http://${silent.host}/`, newSecret());
  const ended = await deployZip(place);
  expect(ended).toMatchObject({ status: 'failed', releaseState: 'none', error: { stage: 'release' } });
  expect(ended.error?.message).toMatch(/answer/);
  const after = unwrap(await sdk().environments.get(place.projectId, place.environment));
  expect(after.slot.owner).toBeUndefined();
});
