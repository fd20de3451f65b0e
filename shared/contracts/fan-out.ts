import * as z from 'zod/mini';
import { deploymentId } from './ids.ts';

const place = z.number().check(z.int(), z.minimum(0), z.maximum(2 ** 32));

const common = {
  /** Which of the topic's viewers (shared/domain/audience.ts). */
  slice: z.strictObject({ from: place, until: place }),
  /** How often a worker had to give up on this before. */
  failures: z.number().check(z.int(), z.minimum(0)),
};

/** What a worker is to show to a part of the viewers of a topic that has many. */
export const fanOutMessage = z.discriminatedUnion('kind', [
  /** Lines `first` to `last` of a log. The worker reads them there: a batch may be larger than a message. */
  z.strictObject({
    kind: z.literal('lines'),
    ...common,
    deploymentId,
    first: z.number().check(z.int(), z.minimum(1)),
    last: z.number().check(z.int(), z.minimum(1)),
    /** Shown until then only, in ms since the epoch. Absent in a message that was sent before there was this. */
    freshUntil: z.optional(z.number()),
  }),
  /** Where a deployment stands. The worker reads that too: its failure may repeat lines that are purged meanwhile. */
  z.strictObject({ kind: z.literal('status'), ...common, topic: z.string(), deploymentId }),
  /** One frame as it is; it says nothing that a log said. */
  z.strictObject({
    kind: z.literal('frame'),
    ...common,
    topic: z.string(),
    frame: z.string(),
    /** Whom it is about, and charged to. */
    deploymentId: z.optional(deploymentId),
  }),
]);
export type FanOutMessage = z.infer<typeof fanOutMessage>;
