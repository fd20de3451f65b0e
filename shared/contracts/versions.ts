import * as z from 'zod/mini';
import { isoInstant, projectId, sha256Hex, versionId } from './ids.ts';
import { settingsObject } from './json.ts';
import { gitRef } from './source.ts';

const MEGABYTE = 1024 * 1024;

/** What an artifact may be, wherever it comes from and wherever it is read. Sizes in bytes. */
export const ARTIFACT_LIMITS = {
  /** Of the zip. */
  bytes: 500 * MEGABYTE,
  files: 20_000,
  /** Of one file, inflated: it is held in memory while it is placed at a target. */
  fileBytes: 256 * MEGABYTE,
  /** Of all files, inflated: four times the zip. Placing them has minutes. */
  unpackedBytes: 2048 * MEGABYTE,
  /** The same of an upload, which is inflated to its last byte within the one request that completes it. */
  uploadUnpackedBytes: 500 * MEGABYTE,
} as const;

const versionSource = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('git'), ref: gitRef }),
  z.strictObject({
    type: z.literal('upload'),
    /** SHA-256 of the zip, which the store checks on arrival. */
    sha256: sha256Hex,
    size: z
      .number()
      .check(
        z.int(),
        z.minimum(22, 'is smaller than any zip'),
        z.maximum(ARTIFACT_LIMITS.bytes, `must be at most ${ARTIFACT_LIMITS.bytes} bytes`),
      ),
  }),
]);

/** `POST /projects/{projectId}/versions` */
export const versionRequest = z.strictObject({
  source: versionSource,
  configuration: z._default(z.optional(settingsObject), {}),
});

const commit = z.strictObject({
  sha: z.string(),
  message: z.optional(z.string()),
  author: z.optional(z.string()),
});

export const versionView = z.strictObject({
  id: versionId,
  projectId,
  number: z.number(),
  source: z.union([
    z.strictObject({ type: z.literal('git'), ref: z.string() }),
    z.strictObject({ type: z.literal('upload'), sha256: z.string(), size: z.number() }),
  ]),
  /** `pending`: not completed. `unusable`: refused at `complete`; `problem` says why. */
  state: z.enum(['pending', 'ready', 'unusable']),
  /** SHA-256 of the artifact, once there is one. */
  digest: z.optional(z.string()),
  size: z.optional(z.number()),
  files: z.optional(z.number()),
  commit: z.optional(commit),
  configuration: settingsObject,
  problem: z.optional(z.string()),
  createdAt: isoInstant,
  createdBy: z.string(),
  updatedAt: isoInstant,
  revision: z.number(),
});
export type VersionView = z.infer<typeof versionView>;

/** Where to PUT the zip, with exactly these headers; good for an hour. */
export const uploadTarget = z.strictObject({
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  expiresAt: isoInstant,
});

export const createdVersion = z.strictObject({
  ...versionView.shape,
  upload: z.optional(uploadTarget),
});

export const versionRow = z.omit(versionView, { configuration: true });
export type VersionRow = z.infer<typeof versionRow>;
