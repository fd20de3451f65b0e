import * as z from 'zod/mini';

/**
 * What it has cost so far: dollars by the list prices of us-east-1, and what was counted. `usd` is `control` (what
 * Slipway itself spends) and `build` (build minutes) together. It is complete once the log is closed.
 */
export const costView = z.strictObject({
  usd: z.number(),
  control: z.number(),
  build: z.number(),
  transitions: z.number(),
  writeUnits: z.number(),
  readUnits: z.number(),
  /** Messages posted to sockets, and messages that came in over them. */
  posts: z.number(),
  messages: z.number(),
  lambdaMs: z.number(),
  /** The running time by each function's memory. */
  gbSeconds: z.number(),
  invocations: z.number(),
  buildSeconds: z.number(),
  /** Requests to the HTTP API. */
  requests: z.number(),
  /** Requests to SQS, events for the bus, moments given to the scheduler. */
  queued: z.number(),
  events: z.number(),
  schedules: z.number(),
  /** Requests to S3: PUT, COPY, POST, LIST; GET and HEAD. */
  puts: z.number(),
  gets: z.number(),
  /** X-Ray traces recorded. */
  traces: z.number(),
  /** Bytes sent to viewers, and bytes of the log as they are stored. */
  sentBytes: z.number(),
  storedBytes: z.number(),
  /** Calls of AWS of any kind. */
  calls: z.number(),
});
