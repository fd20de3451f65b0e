import * as z from 'zod/mini';
import { RELEASE_STATES, STAGES, STATUSES } from '../domain/status.ts';
import { deploymentId, isoInstant } from './ids.ts';
import { logLine } from './logs.ts';

export const topic = z
  .string()
  .check(
    z.regex(
      /^(?:deployment:dep_[0-9A-Z]{26}|project:prj_[0-9A-Z]{26}|runner)$/,
      'must be deployment:<id>, project:<id> or runner',
    ),
  );

export const clientFrame = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('subscribe'),
    topic,
    after: z.optional(z.number().check(z.int(), z.minimum(0))),
    level: z.optional(z.enum(['debug', 'info', 'warn', 'error'])),
    step: z.optional(z.string().check(z.maxLength(60))),
    source: z.optional(z.enum(['build', 'deploy', 'system'])),
  }),
  z.strictObject({ action: z.literal('unsubscribe'), topic }),
  z.strictObject({ action: z.literal('ping') }),
]);
export type ClientFrame = z.infer<typeof clientFrame>;

const envelope = { timestamp: isoInstant, topic: z.string(), seq: z.number() };

export const statusData = z.strictObject({
  deploymentId,
  status: z.enum(STATUSES),
  releaseState: z.enum(RELEASE_STATES),
  stage: z.enum([...STAGES, 'settle']),
  progress: z.number(),
  message: z.optional(z.string()),
  /** Where it is served, once that is known. */
  url: z.optional(z.string()),
  /** Code and message of what failed. */
  errorCode: z.optional(z.string()),
  errorMessage: z.optional(z.string()),
  revision: z.number(),
});

/** `head`: number of the last line that is stored; 0 for topics without a log. `ended`: no line comes after it. */
export const topicHead = z.strictObject({ topic: z.string(), head: z.number(), ended: z.boolean() });
export type TopicHead = z.infer<typeof topicHead>;

/**
 * Frames from the service. `seq` orders frames of a topic where that means anything:
 * for `log` the number of the first line, for `status` the record's revision, else 0.
 */
export const serverFrame = z.discriminatedUnion('type', [
  /** `head`: last line number when the subscription began; replay up to there follows, then live. */
  z.strictObject({
    type: z.literal('subscribed'),
    ...envelope,
    data: z.strictObject({ head: z.number(), flushMs: z.number() }),
  }),
  z.strictObject({ type: z.literal('status'), ...envelope, data: statusData }),
  z.strictObject({
    type: z.literal('log'),
    ...envelope,
    data: z.strictObject({
      deploymentId,
      first: z.number(),
      /** The frame speaks for lines `first` to `last`; a filtered subscription gets those of them that match. */
      last: z.number(),
      lines: z.array(logLine),
      /** Lines of these numbers match and fit no frame (escaped, over 128 KB): read them by GET. */
      omitted: z.optional(z.array(z.number())),
    }),
  }),
  /** With the code `FELL_BEHIND` (frame-codes.ts) the last one of its topic, until the client subscribes again. */
  z.strictObject({
    type: z.literal('error'),
    ...envelope,
    data: z.strictObject({ message: z.string(), code: z.string() }),
  }),
  z.strictObject({
    type: z.literal('end'),
    ...envelope,
    data: z.strictObject({ lines: z.number(), hash: z.string(), status: z.enum(STATUSES) }),
  }),
  /**
   * Where every topic stands that this socket hears, so that a client which holds fewer lines than `head`, or no `end`,
   * knows that a push was lost. What is not listed is not heard (any more): subscribe again from the cursor.
   */
  z.strictObject({
    type: z.literal('pong'),
    ...envelope,
    data: z.strictObject({ heads: z.array(topicHead) }),
  }),
  /** To runners: work may be waiting (claim it), or the named job is to be canceled. */
  z.strictObject({
    type: z.literal('job'),
    ...envelope,
    data: z.strictObject({
      event: z.enum(['offered', 'cancel']),
      jobKey: z.string(),
      label: z.optional(z.string()),
    }),
  }),
]);
export type ServerFrame = z.infer<typeof serverFrame>;
