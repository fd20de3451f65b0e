import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { panelRows, type Standing } from '../../../client/src/cli/live/panel.ts';
import { stripped, visibleWidth } from '../../../client/src/cli/visible.ts';
import type { StatusUpdate } from '../../../client/src/realtime/feed.ts';
import { BUILDING_STAGES, buildingStatus } from '../../support/deployment-view.ts';
import { DEPLOYMENT } from '../../support/fake-slipway.ts';

const status: StatusUpdate = {
  ...{ deploymentId: DEPLOYMENT, status: 'building', releaseState: 'none', stage: 'build' },
  ...{ progress: 30, revision: 3, message: 'installing what the lock file names' },
};
const look = { stages: BUILDING_STAGES, status: buildingStatus() };
const standing: Standing = { status, look, lookAge: 2, watched: 5, frame: 0 };
const shown = (columns: number, more: Partial<Standing> = {}) =>
  panelRows({ ...standing, ...more }, columns).map(stripped);

describe('the panel below a live log', () => {
  it('has the stages with their times, then bar, percent, time so far, time left, and what is done', () => {
    expect(shown(120)).toEqual([
      '✔ gate 1s  ⠋ build 44s  · release  · verify  · activate',
      '⠋ ██████░░░░░░░░░░░░░░ 30% building · 45s, about 1m13s left · installing what the lock file names',
    ]);
  });

  it('leaves out what does not fit, the least telling first', () => {
    expect(shown(60)).toEqual([
      '✔ gate 1s  ⠋ build 44s  · release  · verify  · activate',
      '⠋ ██████░░░░░░░░░░░░░░ 30% building · 45s, about 1m13s left',
    ]);
    expect(shown(50)).toEqual([
      '✔ gate  ⠋ build  · release  · verify  · activate',
      '⠋ 30% building · 45s, about 1m13s left',
    ]);
    expect(shown(30)).toEqual(['⠋ 30% building']);
  });

  it('never has a row that is wider than the terminal', () =>
    fc.assert(
      fc.property(fc.integer({ min: 18, max: 300 }), fc.string(), (columns, message) => {
        for (const row of panelRows({ ...standing, status: { ...status, message } }, columns))
          expect(visibleWidth(row)).toBeLessThanOrEqual(columns);
      }),
    ));

  it('without an estimate says how long it runs, and by its own clock until the service was asked', () => {
    const { estimatedRemainingSeconds: _, ...unknown } = buildingStatus();
    expect(shown(80, { look: { ...look, status: unknown } })[1]).toContain('building · 45s');
    expect(shown(90, { look: undefined })).toEqual([expect.stringContaining('30% building · 5s ·')]);
  });

  it('promises no time that has passed', () => {
    expect(shown(120, { lookAge: 90 })[1]).toContain('2m13s, any moment now');
  });

  it('does not let a message steer the terminal', () => {
    const message = '\u001b[2J\u001b]0;owned\u0007by Ada\nand more';
    const [, row = ''] = panelRows({ ...standing, status: { ...status, message } }, 120);
    expect(row).toContain('by Ada');
    expect(row).not.toMatch(/owned|\[2J|and more/);
  });
});
