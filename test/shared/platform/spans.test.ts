import { expect, test } from 'vitest';
import { deploymentNotFound } from '../../../shared/errors/not-found.ts';
import { keysAsNoticed } from '../../../shared/platform/log-about.ts';
import { spanned } from '../../../shared/platform/spans.ts';
import { requireDeployment } from '../../../shared/store/deployments.ts';
import { type LogLine, recordingLog } from '../../functions/api/support.ts';
import { givenDeployment, givenProject } from '../../support/given.ts';
import { freshStore } from '../../support/store.ts';

test('an operation ends with its name, how long it took and how it went', async () => {
  const store = await freshStore();
  const lines: LogLine[] = [];
  const result = await spanned(recordingLog(lines), store.clock, 'targets release', async () => {
    store.clock.advance(1200);
    return 'placed';
  });
  expect(result).toBe('placed');
  expect(lines).toEqual([
    {
      level: 'info',
      message: 'Operation ended',
      facts: { span: { name: 'targets release', outcome: 'ok', durationMs: 1200 } },
    },
  ]);
});

test.each([
  ['broke', 'error', 'error', new Error('broken')],
  ['was refused', 'info', 'refused', deploymentNotFound('dep_1')],
])('an operation that %s ends with its error, which goes on', async (_, level, outcome, error) => {
  const { clock } = await freshStore();
  const lines: LogLine[] = [];
  const work = spanned(recordingLog(lines), clock, 'steps gate', () => Promise.reject(error));
  await expect(work).rejects.toBe(error);
  expect(lines).toMatchObject([{ level, facts: { error, span: { name: 'steps gate', outcome } } }]);
});

test('its lines name deployment, project and commit from the moment that the record was read', async () => {
  const store = await freshStore();
  const { id, projectId, source } = await givenDeployment(store, await givenProject(store));
  const about = keysAsNoticed();
  const lines: LogLine[] = [];
  const log = recordingLog(lines).with({ correlationId: 'c-1' }).with(about.keys);
  await spanned(log, store.clock, 'steps gate', async () => {
    log.info('before');
    await requireDeployment({ ...store, noticed: about.noticed }, id);
    log.info('after');
  });
  const [before, ...rest] = lines;
  expect(before?.facts).toEqual({ correlationId: 'c-1' });
  for (const { facts } of rest) {
    expect(facts).toMatchObject({
      correlationId: 'c-1',
      deploymentId: id,
      projectId,
      environment: 'production',
      commit: source.commit?.sha,
    });
  }
});
