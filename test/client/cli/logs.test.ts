import { describe, expect, test, vi } from 'vitest';
import { commandLine } from '../../support/command-line.ts';
import { DEPLOYMENT, type FakeSlipway, fakeSlipway, line, problem } from '../../support/fake-slipway.ts';

vi.setConfig({ testTimeout: 30_000 });

const END = { lines: 4, hash: 'f'.repeat(64) };
const page = (items: readonly object[], more: object = {}) => ({ status: 200, body: { items, ...more } });
const messages = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((text) => text.replace(/^build +/, ''));
const logQueries = (fake: FakeSlipway) => fake.queries.map((query) => decodeURIComponent(`${query}`));

describe('slipway logs', () => {
  test('lets the service choose the lines, and goes on by its cursor although none of a page passed', async () => {
    await using fake = await fakeSlipway();
    fake.next.push(
      page([], { nextCursor: '4000' }),
      page([line(4100, 'An ERROR')], { nextCursor: '5000' }),
      page([], { end: END }),
    );
    const args = ['--grep', 'error', '--level', 'warn', '--step', 'build', '--source', 'build'];
    const { out } = await commandLine(['logs', DEPLOYMENT, ...args], fake.url);
    expect(messages(out)).toEqual(['An ERROR']);
    expect(logQueries(fake)).toEqual(
      [0, 4000, 5000].map(
        (after) => `after=${after}&limit=1000&level=warn&step=build&source=build&search=error`,
      ),
    );
  });

  test('says since when by a time of this machine', async () => {
    await using fake = await fakeSlipway();
    const before = Date.now();
    await commandLine(['logs', DEPLOYMENT, '--since', '10m'], fake.url);
    const [, since = ''] = /since=([^&]+)/.exec(logQueries(fake)[0] ?? '') ?? [];
    expect(Date.parse(since)).toBeGreaterThanOrEqual(before - 600_000);
    expect(Date.parse(since)).toBeLessThanOrEqual(Date.now() - 600_000);
  });

  test('of a running deployment ends where the log ends for now', async () => {
    await using fake = await fakeSlipway();
    fake.append('one', 'two');
    const { code, out } = await commandLine(['logs', DEPLOYMENT], fake.url);
    expect([code, messages(out)]).toEqual([0, ['one', 'two']]);
  });
});

describe('slipway logs --tail', () => {
  // It dropped what the service had found, whose case was another.
  test('--grep prints every line that the service finds, in whatever case', async () => {
    await using fake = await fakeSlipway();
    fake.next.push(page([line(3, 'WARNING one'), line(9, 'a warning')], { nextCursor: '12' }));
    const { out } = await commandLine(['logs', DEPLOYMENT, '--tail', '2', '--grep', 'Warning'], fake.url);
    expect(messages(out)).toEqual(['WARNING one', 'a warning']);
    expect(logQueries(fake)).toEqual(['search=Warning&tail=2']);
  });

  test('reads back as far as the lines stand', async () => {
    await using fake = await fakeSlipway();
    fake.next.push(
      page([line(900, 'last')], { previousCursor: '700', end: END }),
      page([], { previousCursor: '300', nextCursor: '700' }),
      page([line(5, 'first')], { nextCursor: '300' }),
    );
    const { out } = await commandLine(['logs', DEPLOYMENT, '--tail', '1500', '--grep', 'x'], fake.url);
    expect(messages(out)).toEqual(['first', 'last']);
    expect(logQueries(fake)).toEqual([
      'search=x&tail=1000',
      'search=x&before=700&limit=1000',
      'search=x&before=300&limit=1000',
    ]);
  });

  test('-f goes on behind what was looked at, and filters what comes as the service does', async () => {
    await using fake = await fakeSlipway();
    fake.append('an Error', 'fine', 'fine too');
    fake.next.push(page([line(1, 'an Error')], { nextCursor: '3' }));
    const cursors: number[] = [];
    fake.onSubscribe = (socket, after) => {
      cursors.push(after);
      fake.append('\u001b[31mER\u001b[0mROR again');
      socket.log(4, fake.lines.slice(3));
      socket.frame({ type: 'end', data: { ...END, status: 'failed' } });
    };
    const { out } = await commandLine(['logs', DEPLOYMENT, '-f', '--tail', '1', '--grep', 'error'], fake.url);
    expect(messages(out)).toEqual(['an Error', 'ERROR again']);
    expect(cursors).toEqual([3]);
  });
});

describe('slipway logs -f', () => {
  test('of a deployment that is not there says so at once', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({ status: 404, body: problem(404, 'DEPLOYMENT_NOT_FOUND') });
    const { code, err } = await commandLine(['logs', '-f', DEPLOYMENT], fake.url);
    expect([code, err]).toEqual([3, '✖ It is DEPLOYMENT_NOT_FOUND. (DEPLOYMENT_NOT_FOUND)\n']);
  });

  test('where nothing answers gives up at once instead of waiting for it to come back', async () => {
    expect(await commandLine(['logs', '-f', DEPLOYMENT], 'http://127.0.0.1:9')).toMatchObject({ code: 6 });
  });
});

describe('slipway logs --verify', () => {
  test('of lines that do not give the hash says that the log is not whole, and ends with 1', async () => {
    await using fake = await fakeSlipway();
    fake.append('one', 'two');
    fake.end = { lines: 2, hash: 'f'.repeat(64) };
    const { code, out, err } = await commandLine(['logs', '--verify', DEPLOYMENT], fake.url);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('is not whole: its 2 lines do not give the hash that it ended with.');
  });
});

describe('slipway logs purge', () => {
  const wish = { from: 3, to: 5, reason: 'a token' };
  const asked = { ...wish, by: 'ada', at: '2026-01-05T09:00:00.000Z', deploymentId: DEPLOYMENT };
  const args = ['logs', 'purge', DEPLOYMENT, '--from', '3', '--to', '5', '--reason', 'a token'];

  test('asks for it, and says that copies are still being removed', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({ status: 202, body: asked });
    const { code, out } = await commandLine(args, fake.url);
    expect([code, fake.requests, fake.bodies.map((body) => JSON.parse(body))]).toEqual([
      ...[0, [`POST /v1/deployments/${DEPLOYMENT}/logs/purge`], [wish]],
    ]);
    expect(out).toContain(`Nobody is shown lines 3 to 5 of ${DEPLOYMENT} any more. Copies are being removed`);
  });

  test('--wait waits until no copy is left', async () => {
    await using fake = await fakeSlipway();
    fake.next.push({ status: 202, body: asked });
    const { deploymentId: _, ...open } = asked;
    fake.record = { purges: [{ ...open, doneAt: '2026-01-05T09:00:09.000Z' }] };
    const { code, out } = await commandLine([...args, '--wait', '--json'], fake.url);
    expect([code, JSON.parse(out)]).toEqual([0, { ...asked, doneAt: '2026-01-05T09:00:09.000Z' }]);
  });
});

test.each([
  [['--tail', '0'], '--tail is a whole number from 1 to 100000.'],
  [['--tail', '1e3'], '--tail is a whole number from 1 to 100000.'],
  [['--since', 'noon'], '--since is how long ago (90s, 10m, 2h, 1d)'],
  [['purge', DEPLOYMENT, '--from', '3', '--to', '2', '--reason', 'x'], '--to is a whole number from 3'],
  [['--level', 'loud'], 'Allowed choices are debug, info, warn, error.'],
])('%j is wrong usage, and nothing is asked for', async (args, message) => {
  const { code, err } = await commandLine(
    args[0] === 'purge' ? ['logs', ...args] : ['logs', DEPLOYMENT, ...args],
    'http://127.0.0.1:9',
  );
  expect(code).toBe(2);
  expect(err).toContain(message);
});
