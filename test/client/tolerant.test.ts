import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { tolerant } from '../../client/src/tolerant.ts';
import { serverFrame } from '../../shared/contracts/realtime.ts';

const view = tolerant(
  z.strictObject({
    id: z.string(),
    url: z.optional(z.strictObject({ host: z.string() })),
    checks: z.array(z.strictObject({ name: z.string() })),
    byName: z.record(z.string(), z.strictObject({ n: z.number() })),
  }),
);

describe('what a newer service sends', () => {
  test('is taken with members that this client does not know, at every depth', () => {
    const sent = {
      id: 'a',
      next: 1,
      url: { host: 'h', port: 1 },
      checks: [{ name: 'served', took: 3 }],
      byName: { x: { n: 1, more: true } },
    };
    expect(z.parse(view, sent)).toEqual(sent);
  });

  test.each([
    ['at the top', { id: 1, checks: [], byName: {} }],
    ['in an optional member', { id: 'a', url: { host: 1 }, checks: [], byName: {} }],
    ['in a list', { id: 'a', checks: [{ name: 1 }], byName: {} }],
    ['in a record', { id: 'a', checks: [], byName: { x: { n: '1' } } }],
    ['by its absence', { id: 'a', byName: {} }],
  ])('is refused where a member that it knows is of another kind: %s', (_, sent) => {
    expect(z.safeParse(view, sent).success).toBe(false);
  });

  test('may be a frame with more in it, and is still told from the other types', () => {
    const frames = tolerant(serverFrame);
    const frame = (type: string, data: object) => ({
      type,
      timestamp: '2026-01-05T09:01:05.000Z',
      topic: 't',
      seq: 0,
      data,
    });
    const end = frame('end', { lines: 2, hash: 'abc', status: 'succeeded', archive: 'later' });
    expect(z.parse(frames, end)).toEqual(end);
    expect(z.safeParse(frames, frame('end', { lines: 2 })).success).toBe(false);
    expect(z.safeParse(frames, frame('unheard-of', {})).success).toBe(false);
  });
});
