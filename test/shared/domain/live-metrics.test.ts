import { expect, test } from 'vitest';
import { liveMetricsOf } from '../../../shared/domain/live-metrics.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { AT_MS, aDeployment } from '../../support/records.ts';

const building = aDeployment({
  stage: 'build',
  startedAt: isoTime(AT_MS),
  stages: [{ name: 'build', status: 'running', attempts: 1, startedAt: isoTime(AT_MS + 20_000) }],
});
const pieces = [3, 2, 1].map((n) => ({ count: n * 10, until: AT_MS + 20_000 + n * 1000 }));
const metrics = (seconds: number, latest = pieces) =>
  liveMetricsOf(building, { lines: 60, bytes: 900, latest }, AT_MS + seconds * 1000);

test('a deployment that runs says since when, and in which stage', () => {
  expect(metrics(50)).toMatchObject({ stage: 'build', elapsedSeconds: 50, stageElapsedSeconds: 30 });
  expect(metrics(50)).toMatchObject({ lines: 60, bytes: 900 });
});

test('its pace is that of the latest pieces of its log, and sinks while nothing comes', () => {
  expect(metrics(23).linesPerSecond).toBe(25);
  expect(metrics(71).linesPerSecond).toBe(1);
});

test('without at least two pieces there is no pace', () => {
  expect(metrics(23, pieces.slice(0, 1)).linesPerSecond).toBe(0);
  expect(metrics(23, []).linesPerSecond).toBe(0);
});
