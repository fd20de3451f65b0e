import * as z from 'zod/mini';
import { grant } from './grants.ts';
import { environmentName, isoInstant, projectId, runnerId, tokenId } from './ids.ts';
import { runnerLabel } from './projects.ts';

/** A name of a person, a team or a machine: no control characters, since it stands in logs and lists. */
const label = (max: number) =>
  z.string().check(
    z.minLength(1),
    z.maxLength(max),
    z.refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'must not hold control characters'),
  );

/** `POST /tokens` */
export const tokenRequest = z.strictObject({
  name: label(100),
  /** Who the token stands for; the caller by default. Only an admin of everything may name another. */
  subject: z.optional(label(200)),
  grants: z.array(grant).check(z.minLength(1), z.maxLength(20)),
  groups: z._default(z.optional(z.array(label(100)).check(z.maxLength(50))), []),
  expiresInSeconds: z.optional(z.number().check(z.int(), z.minimum(60), z.maximum(10 * 365 * 86_400))),
});

export const tokenView = z.strictObject({
  id: tokenId,
  kind: z.enum(['api', 'runner']),
  name: z.string(),
  subject: z.string(),
  grants: z.array(grant),
  groups: z.array(z.string()),
  expiresAt: z.optional(isoInstant),
  createdAt: isoInstant,
  createdBy: z.string(),
  runner: z.optional(z.strictObject({ id: runnerId, label: z.optional(z.string()) })),
});
export type TokenView = z.infer<typeof tokenView>;

/** `token` in the first answer only; a repeat has `notice` instead. */
const shownOnce = { token: z.optional(z.string()), notice: z.optional(z.string()) };
export const SECRET_OMITTED =
  'The token was shown once, in the first answer to this Idempotency-Key. Where it was lost, delete it and make another.';
export const createdToken = z.strictObject({ ...tokenView.shape, ...shownOnce });

/** `POST /runners`: what it serves and under which label it takes jobs. */
export const runnerRequest = z.strictObject({
  name: label(100),
  label: z.optional(runnerLabel),
  /** Absent: every project. */
  serves: z.optional(
    z
      .array(z.strictObject({ projectId, environment: z.optional(environmentName) }))
      .check(z.minLength(1), z.maxLength(50)),
  ),
  expiresInSeconds: z.optional(z.number().check(z.int(), z.minimum(60), z.maximum(10 * 365 * 86_400))),
});

export const runnerView = z.strictObject({
  id: runnerId,
  name: z.string(),
  label: z.optional(z.string()),
  serves: z.optional(z.array(z.strictObject({ projectId: z.string(), environment: z.optional(z.string()) }))),
  tokenId,
  /** When it last asked for work; absent: never. */
  lastSeen: z.optional(isoInstant),
  createdAt: isoInstant,
  createdBy: z.string(),
});
export type RunnerView = z.infer<typeof runnerView>;
export const createdRunner = z.strictObject({ ...runnerView.shape, ...shownOnce });
