import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploymentFeed, type FeedEvent } from '../../client/src/realtime/feed.ts';
import { type Outcome, type Place, pauseAt, placeAfter, TOP } from '../../client/src/realtime/ladder.ts';
import { PACE } from '../../client/src/realtime/pace.ts';
import { DEPLOYMENT, type FakeSlipway, fakeSlipway, problem } from '../support/fake-slipway.ts';
import { QUICK } from './pace.ts';

const [SOCKET, SLICES, WAITING, READS] = [0, 1, 2, 3];
const at = (way: number, more: Partial<Place> = {}): Place => ({ ...TOP, way, climbAt: 100, ...more });
const next = (place: Place, outcome: Outcome) => placeAfter(place, outcome, 0, 4, PACE);

describe('the ladder', () => {
  it.each<[string, Place, Outcome, Partial<Place>]>([
    ['a socket that was cut is opened again', TOP, 'cut', { way: SOCKET, failures: 0 }],
    ['a socket that cannot be had is looked for again later', TOP, 'failed', { way: SLICES, climbAt: 5000 }],
    ['and later still', { ...TOP, falls: 3 }, 'failed', { way: SLICES, climbAt: 40_000 }],
    ['once it worked, soon again', { ...TOP, falls: 3 }, 'cut', { falls: 0 }],
    ['one that works for moments is opened again', TOP, 'brief', { way: SOCKET, failures: 1 }],
    ['three times', { ...TOP, failures: 2 }, 'brief', { way: SLICES, failures: 0 }],
    [
      'where there are no slices it is waited for pages',
      at(SLICES),
      'failed',
      { way: WAITING, climbAt: 100 },
    ],
    ['where nobody may wait, pages are read at once', at(SLICES), 'crowded', { way: READS, climbAt: 100 }],
    ['the surest way is left for nothing but a better one', at(READS), 'failed', { way: READS, failures: 1 }],
    ['when it is time, that is the best', at(READS, { falls: 2 }), 'time', { way: SOCKET, falls: 2 }],
  ])('%s', (_, place, outcome, expected) => {
    expect(next(place, outcome)).toMatchObject(expected);
  });

  it('never leaves its rungs, and never waits longer than it may', () => {
    const outcomes = fc.array(fc.constantFrom<Outcome>('cut', 'brief', 'failed', 'crowded', 'time'));
    fc.assert(
      fc.property(outcomes, (all) => {
        let place = TOP;
        for (const outcome of all) {
          place = next(place, outcome);
          expect(place.way).toBeGreaterThanOrEqual(0);
          expect(place.way).toBeLessThan(4);
          expect(pauseAt(place, outcome, PACE)).toBeLessThanOrEqual(PACE.mostPauseMs);
          if (place.way > 0) expect(place.climbAt).toBeLessThanOrEqual(PACE.mostClimbMs);
        }
      }),
    );
  });
});

async function hear(fake: FakeSlipway, onEvent: (event: FeedEvent) => void = () => {}): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  const options = { signal: AbortSignal.timeout(15_000) };
  for await (const event of deploymentFeed({ url: fake.url, token: 't' }, DEPLOYMENT, options, QUICK)) {
    events.push(event);
    onEvent(event);
  }
  return events;
}

/** Writes a line every few ms, then the end. */
function build(fake: FakeSlipway, lines: number): void {
  const timer = setInterval(() => {
    fake.append(`line ${fake.lines.length + 1}`);
    for (const socket of fake.sockets) socket.log(fake.lines.length, fake.lines.slice(-1));
    if (fake.lines.length < lines) return;
    clearInterval(timer);
    fake.status = { ...fake.status, status: 'succeeded', progress: 100, revision: 2 };
    fake.end = { lines, hash: 'f'.repeat(64) };
    for (const socket of fake.sockets)
      socket.frame({ type: 'end', data: { ...fake.end, status: 'succeeded' } });
  }, 5);
}

const said = (events: readonly FeedEvent[]) =>
  events.map((event) => (event.kind === 'line' ? event.line.n : event.kind));
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('a feed where there are', () => {
  it.each<[string, Partial<FakeSlipway>, string]>([
    [
      'no sockets hears slices',
      { withoutSockets: true },
      'GET /v1/deployments/dep_01JD0000000000000000000000/events',
    ],
    ['no slices either waits for pages', { withoutSockets: true, withoutSlices: true }, 'wait'],
    ['no places to wait reads pages', { withoutSockets: true, crowded: true }, 'no wait'],
  ])('%s, in order, without gap or repeat', async (_, missing, way) => {
    await using fake = await fakeSlipway();
    Object.assign(fake, missing);
    build(fake, 60);
    const events = await hear(fake);
    expect(said(events).filter((one) => typeof one === 'number')).toEqual(upTo(60));
    const statuses = events.flatMap((event) => (event.kind === 'status' ? [event.status.status] : []));
    expect(statuses).toEqual(['building', 'succeeded']);
    expect(events.at(-1)).toMatchObject({ kind: 'end', lines: 60, provable: true });
    const waits = fake.queries.some((query) => query.has('wait'));
    if (way === 'wait') expect(waits).toBe(true);
    else if (way !== 'no wait') expect(fake.requests).toContain(way);
    if (way === 'no wait') expect(fake.queries.some((query) => !query.has('wait'))).toBe(true);
  });

  it('no sockets is asked for a slice once in a while, however much there is to say', async () => {
    await using fake = await fakeSlipway();
    fake.withoutSockets = true;
    build(fake, 60);
    const began = performance.now();
    const service = { url: fake.url, token: 't' };
    const options = { signal: AbortSignal.timeout(15_000) };
    const slow = { ...QUICK, sliceMs: 100, firstClimbMs: 60_000, mostClimbMs: 60_000 };
    let lines = 0;
    for await (const { kind } of deploymentFeed(service, DEPLOYMENT, options, slow))
      if (kind === 'line') lines += 1;
    const slices = fake.requests.filter((request) => request.endsWith('/events')).length;
    expect(lines).toBe(60);
    expect(slices).toBeLessThanOrEqual(1 + (performance.now() - began) / 100);
  });

  it('no sockets for a while goes back to one, and repeats nothing', async () => {
    await using fake = await fakeSlipway();
    fake.withoutSockets = true;
    build(fake, 200);
    const numbers = said(
      await hear(fake, (event) => {
        if (event.kind === 'line' && event.line.n === 20) fake.withoutSockets = false;
      }),
    ).filter((one) => typeof one === 'number');
    expect(numbers).toEqual(upTo(200));
    expect(fake.heard.length).toBeGreaterThan(0);
  });

  it('refusals for good ends with them, wherever they come', async () => {
    await using fake = await fakeSlipway();
    fake.next.push(
      { status: 503, body: problem(503, 'PLATFORM_UNAVAILABLE') },
      { status: 403, body: problem(403, 'PERMISSION_DENIED') },
    );
    await expect(hear(fake)).rejects.toMatchObject({ kind: 'refused', code: 'PERMISSION_DENIED' });
    expect(fake.requests).toHaveLength(2);
  });

  it('no answers at all ends when it may not last longer, and says why', async () => {
    const options = { giveUpAfterMs: 300 };
    const feed = deploymentFeed({ url: 'http://127.0.0.1:9', token: 't' }, DEPLOYMENT, options, QUICK);
    await expect(feed.next()).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
