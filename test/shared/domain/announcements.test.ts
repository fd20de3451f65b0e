import { describe, expect, test } from 'vitest';
import { announcementsFor, mustBeAnnounced, visiblyChanged } from '../../../shared/domain/announcements.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { isTerminal, type OpenStatus, RELEASE_STATES, STATUSES } from '../../../shared/domain/status.ts';
import { aDeployment, ids } from '../../support/records.ts';

/** A deployment that has ended, as the settlement leaves it: the members of the union that a new one lacks are given here. */
const ended = (changes: object = {}) =>
  ({
    ...aDeployment(),
    status: 'succeeded',
    releaseState: 'active',
    finishedAt: '2025-01-15T12:01:04.000Z',
    durationSeconds: 64,
    revision: 12,
    ...changes,
  }) as unknown as Deployment;
const failure = { code: 'BUILD_FAILED', stage: 'build', message: 'It ended with exit code 7.' };
const typesOf = (before: Deployment | undefined, now: Deployment) =>
  announcementsFor(before, now).map(({ type }) => type);

describe('what is announced of a deployment', () => {
  test('a completed one names project, environment, version, who started it and how long it took', () => {
    expect(announcementsFor(aDeployment(), ended())).toEqual([
      {
        type: 'deployment.completed',
        detail: {
          id: `${ids.deployment}:deployment.completed`,
          deploymentId: ids.deployment,
          projectId: ids.project,
          environment: 'production',
          versionId: ids.version,
          versionNumber: 1,
          status: 'succeeded',
          releaseState: 'active',
          by: aDeployment().trigger.actor,
          createdAt: aDeployment().createdAt,
          finishedAt: '2025-01-15T12:01:04.000Z',
          durationSeconds: 64,
          revision: 12,
        },
      },
    ]);
  });

  test('one that failed is completed too, and says with which error', () => {
    const [event] = announcementsFor(
      aDeployment(),
      ended({ status: 'failed', releaseState: 'none', error: { ...failure, suggestion: 'Read the log.' } }),
    );
    expect(event).toMatchObject({
      type: 'deployment.completed',
      detail: { status: 'failed', error: failure },
    });
  });

  test('the beginning, the end and a switch back are each announced once', () => {
    const rolledBack = ended({ status: 'failed', releaseState: 'rolled-back', error: failure });
    expect(typesOf(undefined, aDeployment())).toEqual(['deployment.created']);
    expect(typesOf(aDeployment(), aDeployment({ progress: 5 }))).toEqual([]);
    expect(typesOf(aDeployment(), rolledBack)).toEqual(['deployment.completed', 'deployment.rolled-back']);
    expect(typesOf(rolledBack, rolledBack)).toEqual([]);
  });

  test('where nobody knows what was announced, all of it is, under the ids that it had', () => {
    const known = announcementsFor(aDeployment(), ended()).map(({ detail }) => detail['id']);
    const again = announcementsFor(undefined, ended()).map(({ detail }) => detail['id']);
    expect(again).toEqual([`${ids.deployment}:deployment.created`, ...known]);
  });

  test('nothing of configuration, parameters or variables is in it', () => {
    const secretive = ended({ snapshot: { configuration: { key: 'sesame' } }, overrides: { key: 'sesame' } });
    expect(JSON.stringify(announcementsFor(undefined, secretive))).not.toContain('sesame');
  });
});

test('viewers are told of what they would see, and of nothing else', () => {
  const now = aDeployment();
  expect(visiblyChanged(undefined, now)).toBe(true);
  for (const change of [{ progress: 20 }, { stage: 'build' as const }, { note: 'building' }])
    expect(visiblyChanged(now, aDeployment(change))).toBe(true);
  expect(visiblyChanged(now, aDeployment({ wake: 1, calls: { a: 1 }, revision: 2 }))).toBe(false);
});

describe('what has to be announced even where the relay fails for good', () => {
  test('is all that makes an event, whatever came before', () => {
    const states = STATUSES.flatMap((status) =>
      RELEASE_STATES.map((releaseState) =>
        isTerminal(status) ? ended({ status, releaseState }) : aDeployment({ status, releaseState }),
      ),
    );
    for (const before of states)
      for (const now of states)
        if (announcementsFor(before, now).length > 0)
          expect(mustBeAnnounced(before, now), `${before.status} ${now.status}`).toBe(true);
  });

  test('is what is waited for and what goes live too, not how far the work has come', () => {
    const at = (status: OpenStatus, more = {}) => aDeployment({ status, ...more });
    expect(mustBeAnnounced(at('queued'), at('held'))).toBe(true);
    expect(mustBeAnnounced(at('created'), at('awaiting-approval'))).toBe(true);
    expect(mustBeAnnounced(at('held'), at('initializing'))).toBe(true);
    expect(mustBeAnnounced(at('deploying'), at('deploying', { releaseState: 'active' }))).toBe(true);
    expect(mustBeAnnounced(at('building'), at('deploying'))).toBe(false);
    expect(mustBeAnnounced(at('building'), at('building', { progress: 30, note: 'x' }))).toBe(false);
  });
});
