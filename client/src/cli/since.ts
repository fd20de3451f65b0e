import { usage } from './exit.ts';

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const SPAN = /^(?:\d+[smhd])+$/;
const PART = /(\d+)([smhd])/g;
/** ISO 8601; without a zone it is a moment of this machine's day, a date alone is its midnight in UTC. */
const MOMENT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

/** `90s`, `10m`, `1h30m`, `2d` (so long ago), or a moment in ISO 8601; as ISO 8601 in UTC. */
export function sinceTime(text: string, now: number): string {
  const at = SPAN.test(text)
    ? now - secondsOf(text) * 1000
    : MOMENT.test(text)
      ? Date.parse(text)
      : Number.NaN;
  const moment = new Date(at);
  if (!Number.isNaN(moment.getTime()) && at >= 0) return moment.toISOString();
  throw usage('--since is how long ago (90s, 10m, 2h, 1d) or a time in ISO 8601 (2026-01-31T09:00Z).');
}

const secondsOf = (text: string) =>
  [...text.matchAll(PART)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS],
    0,
  );
