import * as z from 'zod/mini';
import { HOOK_PHASES } from '../domain/hooks.ts';
import { deploymentId, jobId, sha256Hex } from './ids.ts';

/**
 * The runner protocol (all over HTTPS, JSON, base /v1):
 *
 *   GET  /runner/address                runner token -> `runnerAddress`
 *   POST /runner/claims                 runner token or claim ticket -> 200 claimed job | 204 nothing to do
 *   POST /jobs/{jobKey}/artifact        job token -> `artifactPlace`; when the artifact is packed
 *   POST /jobs/{jobKey}/lines           job token -> `postAnswer`; batches by offset
 *   POST /jobs/{jobKey}/beats           job token -> `postAnswer`; keep-alive of a silent job
 *   POST /jobs/{jobKey}/result          job token -> `postAnswer`; idempotent
 *
 * `jobKey` is `<deploymentId>.<kind>.<round>`: the key of the item, so that no look-up is needed.
 */
export const JOB_KINDS = ['build', 'resolve', 'hook'] as const;
export const jobKind = z.enum(JOB_KINDS);
export type JobKind = z.infer<typeof jobKind>;

/** Where an agent hears of jobs as they are offered; it may change with an upgrade, so it is asked for again. */
export const runnerAddress = z.strictObject({
  /** For `wss://` with the runner token in the Authorization header; topic `runner`. */
  websocketUrl: z.string(),
});

/** How a runner asks for work. A repeated claim with the same nonce gets the same answer. */
export const claimRequest = z.strictObject({
  /** Chosen by the runner for this attempt to get work, 16-64 characters. */
  nonce: z.string().check(z.minLength(16), z.maxLength(64)),
  /** CodeBuild: exactly this job. Agents leave it out and get the oldest that fits. */
  jobKey: z.optional(z.string().check(z.maxLength(120))),
  label: z.optional(z.string().check(z.maxLength(63))),
  kinds: z.array(jobKind).check(z.minLength(1), z.maxLength(JOB_KINDS.length)),
  /** Shown to people: host name and process. */
  name: z.string().check(z.minLength(1), z.maxLength(100)),
});
export type ClaimRequest = z.infer<typeof claimRequest>;

const repository = z.strictObject({
  url: z.string(),
  submodules: z.boolean(),
  /** Token (https) or private key (ssh); the runner masks it and keeps it out of argv and of the clone's config. */
  credential: z.optional(z.string()),
});

const jobBase = {
  jobKey: z.string(),
  jobId,
  deploymentId,
  round: z.number(),
  /** Bearer token for the /jobs/{jobKey}/ routes. */
  jobToken: z.string(),
  /** Every value to mask in whatever leaves the runner. */
  masked: z.array(z.string()),
  /** How often a silent job posts a beat, and after how long without any answer the runner kills the job. */
  beatEverySeconds: z.number(),
  unansweredLimitSeconds: z.number(),
};

/** A command of a hook, with its time limit. */
const hookCommand = z.strictObject({
  name: z.string(),
  command: z.string(),
  seconds: z.number(),
});
export type HookCommand = z.infer<typeof hookCommand>;

export const buildJob = z.strictObject({
  ...jobBase,
  kind: z.literal('build'),
  projectName: z.string(),
  environment: z.string(),
  repository,
  /** Full object name of the pinned commit. */
  commit: z.string(),
  ref: z.string(),
  build: z.strictObject({
    rootDirectory: z.optional(z.string()),
    installCommand: z.optional(z.string()),
    buildCommand: z.optional(z.string()),
    outputDirectory: z.optional(z.string()),
    nodeVersion: z.optional(z.string()),
    framework: z.optional(z.string()),
  }),
  /** Run in this order once the artifact is packed; the first that fails ends the job. */
  hooks: z.optional(z.array(hookCommand)),
  /** The whole environment of install and build, next to PATH, HOME, TMPDIR, LANG, CI and SLIPWAY_*. */
  variables: z.record(z.string(), z.string()),
  limits: z.strictObject({
    seconds: z.number(),
    outputBytes: z.number(),
    diskBytes: z.number(),
    artifactBytes: z.number(),
    artifactFiles: z.number(),
  }),
});
export type BuildJob = z.infer<typeof buildJob>;

export const resolveJob = z.strictObject({
  ...jobBase,
  kind: z.literal('resolve'),
  repository,
  ref: z.string(),
  refType: z.enum(['branch', 'tag', 'commit']),
});
export type ResolveJob = z.infer<typeof resolveJob>;

/** Commands of hooks where there is no build to run them in: the artifact, unpacked, is their folder. */
export const hookJob = z.strictObject({
  ...jobBase,
  kind: z.literal('hook'),
  projectName: z.string(),
  environment: z.string(),
  phase: z.enum(HOOK_PHASES),
  hooks: z.array(hookCommand).check(z.minLength(1)),
  /** A zip, by a link that is good for fifteen minutes. */
  artifact: z.strictObject({ url: z.string(), digest: sha256Hex, size: z.number() }),
  /** Absent: what is deployed was uploaded. */
  commit: z.optional(z.string()),
  ref: z.string(),
  /** As in a build. */
  variables: z.record(z.string(), z.string()),
  limits: z.strictObject({ seconds: z.number(), outputBytes: z.number(), diskBytes: z.number() }),
});
export type HookJob = z.infer<typeof hookJob>;

export const claimedJob = z.discriminatedUnion('kind', [buildJob, resolveJob, hookJob]);
export type ClaimedJob = z.infer<typeof claimedJob>;
