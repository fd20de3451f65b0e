import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { stripped } from '../../../client/src/cli/visible.ts';
import { BIN, serviceAt } from '../../support/command-line.ts';
import { BUILDING_STAGES, buildingStatus } from '../../support/deployment-view.ts';
import {
  DEPLOYMENT,
  type FakeSlipway,
  type FakeSocket,
  fakeSlipway,
  line,
} from '../../support/fake-slipway.ts';
import { Screen } from '../../support/screen.ts';
import { inTerminal, type TerminalRun } from '../../support/terminal.ts';

vi.setConfig({ testTimeout: 30_000 });

function slipway(fake: FakeSlipway, args: readonly string[], more: Omit<TerminalRun, 'env'>, env = {}) {
  const all = { HOME: '/nonexistent', ...serviceAt(fake.url), ...env };
  const run = inTerminal([process.execPath, BIN, ...args], { ...more, env: all });
  onTestFinished(() => run.kill());
  return run;
}

/** A service that builds, and whoever subscribed to it. */
async function building() {
  const fake = await fakeSlipway();
  fake.record = { stages: BUILDING_STAGES };
  fake.status = buildingStatus();
  const subscribed = Promise.withResolvers<FakeSocket>();
  fake.onSubscribe = (socket) => subscribed.resolve(socket);
  const end = (socket: FakeSocket) => {
    fake.end = { lines: fake.lines.length, hash: 'f'.repeat(64) };
    socket.frame({ type: 'end', data: { ...fake.end, status: 'succeeded' } });
  };
  return Object.assign(fake, { subscribed: subscribed.promise, finish: end });
}

const status = (state: 'building' | 'succeeded', progress: number, revision: number) => ({
  type: 'status' as const,
  data: {
    ...{ deploymentId: DEPLOYMENT, status: state, releaseState: 'none' as const },
    ...{ stage: 'build' as const, progress, revision },
  },
});

describe('slipway logs -f in a terminal', () => {
  test('shows lines above the stages, their times and what is left, and leaves only the lines behind', async () => {
    await using fake = await building();
    const run = slipway(fake, ['logs', '-f', DEPLOYMENT], { columns: 80 });
    const socket = await fake.subscribed;
    socket.frame(status('building', 30, 4));
    fake.append('one', 'two');
    socket.log(1, fake.lines);
    await vi.waitFor(
      () =>
        expect(new Screen(80, 24).write(run.output()).text()).toEqual([
          'build    one',
          'build    two',
          expect.stringMatching(/^✔ gate 1s {2}\S build \d+s {2}· release {2}· verify {2}· activate$/),
          expect.stringMatching(/^\S ██████░+ 30% building · \d+s, about 1m\d\ds left$/),
        ]),
      { timeout: 20_000 },
    );
    socket.frame(status('succeeded', 100, 5));
    fake.finish(socket);
    expect(await run.ended).toBe(0);
    expect(new Screen(80, 24).write(run.output()).text()).toEqual([
      'build    one',
      'build    two',
      `succeeded: the log of ${DEPLOYMENT} has ended.`,
      '',
    ]);
  });

  test('loses no line of a long output in a small terminal, whatever is drawn in between', async () => {
    await using fake = await building();
    const run = slipway(fake, ['logs', '-f', DEPLOYMENT], { columns: 40, rows: 8 });
    const socket = await fake.subscribed;
    socket.frame(status('building', 30, 4));
    for (let batch = 0; batch < 40; batch += 1) {
      const first = fake.lines.length + 1;
      fake.append(
        ...Array.from({ length: 50 }, (_, i) => `line ${first + i} ${'x'.repeat((first + i) % 90)}`),
      );
      socket.log(first, fake.lines.slice(first - 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    socket.frame(status('succeeded', 100, 5));
    fake.finish(socket);
    await run.ended;
    const shown = new Screen(40, 8).write(run.output()).text().join('');
    for (const { message } of fake.lines) expect(shown).toContain(`build    ${message.trimEnd()}`);
    expect(shown).not.toContain('░');
  });

  test('fits again after the terminal became narrower, and wipes the rows that have become more', async () => {
    await using fake = await building();
    const run = slipway(fake, ['logs', '-f', DEPLOYMENT], { columns: 100 });
    const socket = await fake.subscribed;
    socket.frame(status('building', 30, 4));
    await run.printed('left');
    const before = run.output().length;
    run.resize(34, 24);
    // Two rows that have become four.
    await run.printed('\u001b[3A\u001b[J', before);
    await run.printed('\r\u001b[J', run.output().length);
    const [last = ''] = run.output().split('\u001b[J').slice(-2);
    expect(stripped(last).trim()).toMatch(/^\S 30% building$/);
    fake.finish(socket);
    await run.ended;
  });

  test('colours lines by their level, none where NO_COLOR asks for none, and lets none of a build pass then', async () => {
    const levels = ['debug', 'info', 'warn', 'error'] as const;
    const shown = async (env: Record<string, string>) => {
      await using fake = await building();
      fake.lines.push(...levels.map((level, i) => ({ ...line(i + 1, `a ${level}`), level })));
      fake.lines.push(line(5, '\u001b[35mits own\u001b[0m'));
      fake.end = { lines: 5, hash: 'f'.repeat(64) };
      const run = slipway(fake, ['logs', DEPLOYMENT], { columns: 80 }, env);
      await run.ended;
      return run.output().trimEnd().split('\r\n');
    };
    const step = '\u001b[2mbuild   \u001b[22m';
    expect(await shown({})).toEqual([
      `${step} \u001b[2ma debug\u001b[22m`,
      `${step} a info`,
      `${step} \u001b[33m! \u001b[39m\u001b[33ma warn\u001b[39m`,
      `${step} \u001b[31m✖ \u001b[39m\u001b[31ma error\u001b[39m`,
      `${step} \u001b[35mits own\u001b[0m\u001b[0m`,
    ]);
    expect(await shown({ NO_COLOR: '1' })).toEqual([
      'build    a debug',
      'build    a info',
      'build    a warn',
      'build    a error',
      'build    its own',
    ]);
  });
});

test('what is searched for stands out in a terminal, also where colours cut it', async () => {
  await using fake = await building();
  fake.append('nothing', 'an Er\u001b[31mror\u001b[0m, no error');
  fake.end = { lines: 2, hash: 'f'.repeat(64) };
  const run = slipway(fake, ['logs', DEPLOYMENT, '--grep', 'ERROR'], { columns: 80 });
  await run.ended;
  const [shown = '', ...more] = run.output().trimEnd().split('\r\n');
  expect(shown).toContain('an \u001b[7mEr\u001b[31mror\u001b[27m\u001b[0m, no \u001b[7merror\u001b[27m');
  expect(more).toEqual([]);
});

describe('slipway open', () => {
  const served = (url: string) => ({ status: 'succeeded', releaseState: 'active', url }) as const;
  const browser = { BROWSER: 'printf' };

  test('in a terminal gives the address to the browser, and says so', async () => {
    await using fake = await fakeSlipway();
    fake.record = served('https://shop.example');
    const run = slipway(fake, ['open', DEPLOYMENT], { columns: 80 }, browser);
    expect(await run.ended).toBe(0);
    expect(run.output().trimEnd()).toBe('Opened https://shop.example/');
  });

  test.each([
    ['with --print', ['--print'], browser],
    ['without a browser', [], { BROWSER: '/nowhere/at/all' }],
    ['without anything that could show one', [], {}],
  ])('%s prints the address', async (_, args, env) => {
    await using fake = await fakeSlipway();
    fake.record = served('https://shop.example');
    const run = slipway(fake, ['open', DEPLOYMENT, ...args], { columns: 80 }, env);
    expect(await run.ended).toBe(0);
    expect(run.output().trimEnd()).toBe('https://shop.example/');
  });

  test.each(['file:///etc/passwd', 'javascript:alert(1)', '--version', 'C:\\x.exe'])(
    'gives %s, which a target says it serves at, to no program',
    async (url) => {
      await using fake = await fakeSlipway();
      fake.record = served(url);
      const run = slipway(fake, ['open', DEPLOYMENT], { columns: 200 }, browser);
      expect(await run.ended).toBe(3);
      expect(stripped(run.output())).toContain('which is no web address.');
    },
  );
});
