import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';

/** A stretch of time that comes again by a rule of RFC 5545, in the clock of one place. */
export interface Recurrence {
  /** ISO instant at which the first one begins. */
  readonly from: string;
  /** ISO instant at which the first one ends. */
  readonly to: string;
  /** The value of an RRULE, without its name: `FREQ=WEEKLY;BYDAY=FR`. */
  readonly rrule: string;
  /** IANA name; days and hours of the rule are this place's. */
  readonly timezone: string;
}

/** A stretch of time in ms since the epoch; `to` is the first moment after it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The occurrence that covers the moment (ms), the one that ends last where several do. It lasts as long by the
 * clock on the wall as the first one, so that Friday 17:00 to Monday 08:00 stays that over a change of the clocks.
 * An hour that a change of the clocks leaves out begins nothing (RFC 5545, 3.3.10).
 */
export function occurrenceAt(recurrence: Recurrence, now: number): Stretch | undefined {
  const { rule, length } = opened(recurrence);
  // Nothing that begins earlier than the longest that one can last can cover the moment.
  const earliest = now - Date.parse(recurrence.to) + Date.parse(recurrence.from) - CLOCK_CHANGES_MS;
  const covering = rule
    .between(new Date(earliest), new Date(now), true)
    .map((start) => stretch(start, length))
    .filter(({ from, to }) => from <= now && now < to);
  return covering.reduce<Stretch | undefined>(
    (longest, one) => (longest === undefined || one.to > longest.to ? one : longest),
    undefined,
  );
}

/** The first occurrence that begins after the moment (ms); undefined where there is none any more. */
export function occurrenceAfter(recurrence: Recurrence, moment: number): Stretch | undefined {
  const { rule, length } = opened(recurrence);
  const start = rule.next(new Date(moment), false);
  return start === null ? undefined : stretch(start, length);
}

/** Clocks are changed by an hour, and by a day where a place changed sides of the date line. */
const CLOCK_CHANGES_MS = 25 * 3_600_000;
/** A rule whose next occurrence is not found in so many steps is taken for one that never occurs. */
const STEPS = 10_000;

function opened({ from, to, rrule, timezone }: Recurrence) {
  const zoned = (instant: string) => Temporal.Instant.from(instant).toZonedDateTimeISO(timezone);
  const dtstart = zoned(from);
  return {
    rule: new RRuleTemporal({ rruleString: rrule, dtstart, maxIterations: STEPS }),
    length: dtstart.until(zoned(to), { largestUnit: 'days' }),
  };
}

/** The library answers with its own type of the same shape; only its moment and its zone are used. */
function stretch(
  start: { readonly epochMilliseconds: number; readonly timeZoneId: string },
  length: Temporal.Duration,
): Stretch {
  const begin = Temporal.Instant.fromEpochMilliseconds(start.epochMilliseconds).toZonedDateTimeISO(
    start.timeZoneId,
  );
  return { from: begin.epochMilliseconds, to: begin.add(length).epochMilliseconds };
}
