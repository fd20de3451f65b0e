import * as z from 'zod/mini';
import { ENVIRONMENT_TYPES } from '../domain/records.ts';
import { deploymentId, freezeId, isoInstant, projectId } from './ids.ts';

/** Longest freeze without a rule, and longest occurrence of one with a rule, in days. */
export const FREEZE_DAYS = { once: 366, recurring: 31 } as const;
const DAY_MS = 86_400_000;

/** IANA name, as this Node knows them. */
export const timezone = z
  .string()
  .check(z.maxLength(64), z.refine(isTimezone, 'must be a time zone such as Europe/Berlin'));

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Why somebody did it: shown wherever it has an effect. */
export const reason = z.string().check(z.minLength(1), z.maxLength(500), z.regex(/\S/, 'must say something'));

const RULE_PARTS =
  'INTERVAL|COUNT|UNTIL|WKST|BYMONTH|BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYDAY|BYHOUR|BYMINUTE|BYSETPOS';

/** RFC 5545, without a start of its own; what comes more often than daily would freeze for ever. */
const rrule = z
  .string()
  .check(
    z.maxLength(500),
    z.regex(
      new RegExp(`^FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:${RULE_PARTS})=[A-Z0-9,+-]+)*$`),
      'must be a rule of RFC 5545 that starts with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY',
    ),
  );

export const freezeScope = z.strictObject({
  projectId: z.optional(projectId),
  environmentTypes: z.optional(z.array(z.enum(ENVIRONMENT_TYPES)).check(z.minLength(1), z.maxLength(5))),
});

/** `POST /freezes`. `from` and `to` are the freeze, or its first occurrence where a rule repeats it. */
export const freezeRequest = z
  .strictObject({
    scope: z._default(z.optional(freezeScope), {}),
    from: isoInstant,
    to: isoInstant,
    rrule: z.optional(rrule),
    /** Whose days and hours the rule means. */
    timezone: z._default(z.optional(timezone), 'UTC'),
    reason,
  })
  .check(
    z.refine(({ from, to }) => Date.parse(to) > Date.parse(from), {
      path: ['to'],
      error: 'must be after `from`',
    }),
    z.refine(({ from, to, rrule }) => Date.parse(to) - Date.parse(from) <= daysFor(rrule) * DAY_MS, {
      path: ['to'],
      error: `must be at most ${FREEZE_DAYS.once} days after \`from\`, ${FREEZE_DAYS.recurring} where a rule repeats it`,
    }),
  );
export type FreezeRequest = z.infer<typeof freezeRequest>;

const daysFor = (rule: string | undefined) => (rule === undefined ? FREEZE_DAYS.once : FREEZE_DAYS.recurring);

export const freezeView = z.strictObject({
  id: freezeId,
  scope: freezeScope,
  from: isoInstant,
  to: isoInstant,
  rrule: z.optional(z.string()),
  timezone: z.string(),
  reason: z.string(),
  /** Does it hold now? */
  active: z.boolean(),
  /** The stretch it holds now, or next; absent: its time is over. */
  next: z.optional(z.strictObject({ from: isoInstant, to: isoInstant })),
  createdAt: isoInstant,
  createdBy: z.string(),
});
export type FreezeView = z.infer<typeof freezeView>;

export const freezeOverrideView = z.strictObject({
  freezeId,
  reason: z.string(),
  by: z.string(),
  at: isoInstant,
});

/** `POST /freezes/{id}/override`: lets one deployment pass in spite of the freeze. */
export const freezeOverride = z.strictObject({ deploymentId, reason });
