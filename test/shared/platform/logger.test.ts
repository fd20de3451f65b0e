import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLog } from '../../../shared/platform/logger.ts';

const written: string[] = [];
const keep = (chunk: unknown) => {
  written.push(String(chunk));
  return true;
};

beforeEach(() => {
  written.length = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const lines = () => written.map((text) => JSON.parse(text));

test('every line carries the keys it was told about, and no line those of another logger', () => {
  const log = createLog({ service: 'slipway-test', level: 'INFO' });
  const first = log.with({ correlationId: 'c-1', projectId: 'prj_1' });
  const second = first.with({ deploymentId: 'dep_1' });
  log.with({ correlationId: 'c-2' }).info('other');
  first.info('first', { count: 1 });
  second.warn('second');
  log.info('none');
  expect(lines()).toMatchObject([
    { message: 'other', correlationId: 'c-2', service: 'slipway-test' },
    { message: 'first', correlationId: 'c-1', projectId: 'prj_1', count: 1, level: 'INFO' },
    { message: 'second', correlationId: 'c-1', projectId: 'prj_1', deploymentId: 'dep_1', level: 'WARN' },
    { message: 'none' },
  ]);
  expect(lines()[0]).not.toHaveProperty('projectId');
  expect(lines()[3]).not.toHaveProperty('correlationId');
});

test('an error is written whole, with its stack and its cause; a thrown text too', () => {
  const log = createLog({ service: 'slipway-test', level: 'INFO' });
  log.error('failed', { error: new Error('outer', { cause: new Error('inner') }) });
  log.error('failed', { error: 'thrown text' });
  expect(lines()[0].error).toMatchObject({ message: 'outer', cause: { message: 'inner' } });
  expect(lines()[0].error.stack).toContain('logger.test.ts');
  expect(lines()[1].error).toMatchObject({ message: 'thrown text' });
});

test('lines below the level are not written', () => {
  createLog({ service: 'slipway-test', level: 'WARN' }).info('quiet');
  expect(written).toEqual([]);
});

test('keys that become known later stand on the lines from then on', () => {
  let commit: string | undefined;
  const log = createLog({ service: 'slipway-test', level: 'INFO' })
    .with({ deploymentId: 'dep_1' })
    .with(() => (commit === undefined ? {} : { commit }));
  log.info('before');
  commit = 'c0ffee';
  log.info('after');
  log.with({ route: 'GET /' }).error('inside', { error: new Error('broken') });
  expect(lines()[0]).not.toHaveProperty('commit');
  expect(lines().slice(1)).toMatchObject([
    { message: 'after', deploymentId: 'dep_1', commit: 'c0ffee' },
    { message: 'inside', deploymentId: 'dep_1', commit: 'c0ffee', route: 'GET /' },
  ]);
});
