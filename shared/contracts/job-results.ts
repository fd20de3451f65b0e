import * as z from 'zod/mini';
import { sha256Hex } from './ids.ts';
import { ARTIFACT_LIMITS } from './versions.ts';

export const JOB_FAILURE_CODES = [
  'INVALID_SOURCE_REF',
  'BUILD_FAILED',
  'HOOK_FAILED',
  'RUNNER_LOST',
  'TIMEOUT',
  'AUTH_FAILED',
  'UPLOAD_FAILED',
  'INVALID_CONFIG',
  'INTERNAL',
] as const;

/** Longest message and suggestion of a failure, in characters; a runner cuts what is longer. */
export const MAX_FAILURE_MESSAGE = 2000;
export const MAX_FAILURE_SUGGESTION = 500;

export const jobFailure = z.strictObject({
  code: z.enum(JOB_FAILURE_CODES),
  step: z.string().check(z.maxLength(60)),
  /** Operator-worded, masked; the last lines of output may be part of it. */
  message: z.string().check(z.maxLength(MAX_FAILURE_MESSAGE)),
  exitCode: z.optional(z.number()),
  retryable: z.boolean(),
  suggestion: z.string().check(z.maxLength(MAX_FAILURE_SUGGESTION)),
});
export type JobFailure = z.infer<typeof jobFailure>;

/** What a build made. */
export const artifactRequest = z.strictObject({
  /** SHA-256 of the zip. */
  digest: sha256Hex,
  size: z
    .number()
    .check(
      z.int(),
      z.minimum(1),
      z.maximum(ARTIFACT_LIMITS.bytes, `must be at most ${ARTIFACT_LIMITS.bytes} bytes`),
    ),
  files: z
    .number()
    .check(
      z.int(),
      z.minimum(1),
      z.maximum(ARTIFACT_LIMITS.files, `must be at most ${ARTIFACT_LIMITS.files} files`),
    ),
});
export type ArtifactRequest = z.infer<typeof artifactRequest>;

/** PUT of the zip; `headers` are part of the signature. */
export const artifactPlace = z.strictObject({ url: z.string(), headers: z.record(z.string(), z.string()) });
export type ArtifactPlace = z.infer<typeof artifactPlace>;

const commit = z.strictObject({
  sha: z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)),
  message: z.optional(z.string().check(z.maxLength(500))),
  author: z.optional(z.string().check(z.maxLength(200))),
});

/** Sent once after the last batch of lines; `lines` is the number of lines sent, so that nothing is missed. */
export const resultRequest = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('built'),
    lines: z.number().check(z.int(), z.minimum(0)),
    artifact: z.strictObject({ digest: sha256Hex, size: z.number(), files: z.number() }),
    commit,
    seconds: z.number(),
  }),
  z.strictObject({ outcome: z.literal('resolved'), lines: z.number(), commit }),
  z.strictObject({ outcome: z.literal('hooked'), lines: z.number(), seconds: z.number() }),
  z.strictObject({ outcome: z.literal('failed'), lines: z.number(), failure: jobFailure }),
  z.strictObject({ outcome: z.literal('canceled'), lines: z.number() }),
]);
export type JobResult = z.infer<typeof resultRequest>;
