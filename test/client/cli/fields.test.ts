import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Field, objectIn, patchOf } from '../../../client/src/cli/fields.ts';

const FIELDS: readonly Field[] = [
  { flags: '--repo <url>', description: '', path: ['repository', 'url'], removes: ['repository'] },
  { flags: '--default-branch <name>', description: '', path: ['repository', 'defaultBranch'] },
  { flags: '--status <code>', description: '', path: ['check', 'status'], as: 'number' },
  { flags: '--groups <names>', description: '', path: ['check', 'groups'], as: 'list' },
  { flags: '--undo <yes|no>', description: '', path: ['undo'], as: 'yes-no' },
];

test.each([
  [
    { repo: 'https://a.test', defaultBranch: 'dev' },
    { repository: { url: 'https://a.test', defaultBranch: 'dev' } },
  ],
  [
    { status: '204', undo: 'no' },
    { check: { status: 204 }, undo: false },
  ],
  [{ groups: 'ops, leads' }, { check: { groups: ['ops', 'leads'] } }],
  [{ repo: '' }, { repository: null }],
  [{ defaultBranch: '' }, { repository: { defaultBranch: null } }],
  [{ project: 'other options are not members' }, {}],
])('%j means the patch %j', (options, patch) => expect(patchOf(FIELDS, options)).toEqual(patch));

test('options go on top of what a file says, member by member', () => {
  const file = { repository: { url: 'https://a.test', credential: 'TOKEN' }, name: 'x' };
  expect(patchOf(FIELDS, { defaultBranch: 'dev' }, file)).toEqual({
    ...file,
    repository: { ...file.repository, defaultBranch: 'dev' },
  });
});

test.each([
  [{ status: 'ok' }, '--status is a number.'],
  [{ undo: 'maybe' }, '--undo is yes or no.'],
])('%j is wrong usage', (options, message) => expect(() => patchOf(FIELDS, options)).toThrow(message));

test('a file has to hold a JSON object', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'slipway-fields-')), 'project.json');
  await expect(objectIn(path)).rejects.toThrow('cannot be read');
  for (const [text, why] of [
    ['{', 'is not JSON'],
    ['[1]', 'holds no JSON object'],
    ['null', 'holds no JSON object'],
  ] as const) {
    writeFileSync(path, text);
    await expect(objectIn(path)).rejects.toThrow(why);
  }
  writeFileSync(path, '{"a":1}');
  expect(await objectIn(path)).toEqual({ a: 1 });
});
