import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type Check, dict, flag, list, maybe, num, settings, shape, text } from '../../client/src/shape.ts';
import { deploymentRow } from '../../client/src/shapes/deployment-lists.ts';
import { deploymentStatusView } from '../../client/src/shapes/deployment-status.ts';
import { deploymentView } from '../../client/src/shapes/deployments.ts';
import { frameOf } from '../../client/src/shapes/frames.ts';
import { logPage } from '../../client/src/shapes/logs.ts';
import { deploymentRow as rowContract } from '../../shared/contracts/deployment-lists.ts';
import { deploymentStatusView as statusContract } from '../../shared/contracts/deployment-status.ts';
import { deploymentView as viewContract } from '../../shared/contracts/deployments.ts';
import { logPage as logPageContract } from '../../shared/contracts/logs.ts';
import { serverFrame } from '../../shared/contracts/realtime.ts';
import { exampleOf, spoilt } from './shape-examples.ts';

interface View {
  id: string;
  url?: { host: string } | undefined;
  checks: { name: string }[];
  byName: Record<string, { n: number }>;
  mode: 'fast' | 'slow';
  own: { readonly whatever?: unknown };
}
const view = shape<View>({
  id: text(),
  url: maybe(shape<{ host: string }>({ host: text() })),
  checks: list(shape<{ name: string }>({ name: text() })),
  byName: dict(shape<{ n: number }>({ n: num() })),
  mode: text(),
  own: settings(),
});
const fine = { id: 'a', checks: [{ name: 'served' }], byName: { x: { n: 1 } }, mode: 'fast', own: {} };

describe('what a newer service sends', () => {
  test('is taken with members and words that this client does not know, at every depth', () => {
    const url = { host: 'h', port: 1 };
    const checks = [{ name: 'served', took: 3 }];
    expect(view({ ...fine, url, checks, mode: 'faster', next: 1 })).toBeUndefined();
  });

  test.each([
    ['.id must be a string', { ...fine, id: 1 }],
    ['.url.host must be a string', { ...fine, url: { host: 1 } }],
    ['.checks.0.name must be a string', { ...fine, checks: [{ name: 1 }] }],
    ['.byName.x.n must be a number', { ...fine, byName: { x: { n: '1' } } }],
    ['.checks must be an array', { ...fine, checks: {} }],
    ['.own must be an object', { ...fine, own: 1 }],
    [' must be an object', undefined],
  ])('is refused where a member that it knows is of another kind: %s', (said, sent) => {
    expect(view(sent)).toBe(said);
  });
});

test('the compiler knows a check of one type from those of others', () => {
  // @ts-expect-error a flag is no text
  const wrong: Check<string> = flag();
  // @ts-expect-error what may be absent must be allowed to be
  const strict: Check<string | undefined> = text();
  // @ts-expect-error no member may be forgotten
  const missing = shape<{ a: string; b?: string }>({ a: text() });
  expect([wrong, strict, missing]).toHaveLength(3);
});

describe.each<[string, z.ZodMiniType, (value: unknown) => string | undefined]>([
  ['a row', rowContract, deploymentRow],
  ['a record', viewContract, deploymentView],
  ['a status', statusContract, deploymentStatusView],
  ['a page of lines', logPageContract, logPage],
])('the shape of %s', (_, contract, check) => {
  const example = exampleOf(contract);

  test('takes what the contract takes, with every member that there may be', () => {
    expect(z.safeParse(contract, example).error?.issues ?? []).toEqual([]);
    expect(check(example)).toBeUndefined();
  });

  test('refuses it with any of its members of another kind', () => {
    const missed = [...spoilt(example)].filter(
      ({ value, path }) => check(value) === undefined && !isSettings(path),
    );
    expect(missed.map(({ path }) => path)).toEqual([]);
  });
});

/** Members of users' own settings come back as they were: nothing here reads them. */
const isSettings = (path: string) => /^\.(hooksSnapshot|configSnapshot|parametersSnapshot)\./.test(path);

describe('a frame', () => {
  const frames = Object.entries(exampleOf(serverFrame, 'every') as Record<string, object>);

  test.each(frames)('%s is read as the contract has it', (type, frame) => {
    const read = frameOf(JSON.stringify(frame));
    if (type === 'job') expect(read).toBeUndefined();
    else expect(read).toEqual(frame);
  });

  test('that is not JSON, of no type, or not whole is none', () => {
    const broken = ['', '{', 'null', '7', '[]', '{"type":"end"}', '{"type":"unheard-of","data":{}}'];
    expect(broken.map((text) => frameOf(text))).toEqual(broken.map(() => undefined));
    expect(frameOf(new ArrayBuffer(2))).toBeUndefined();
  });
});
