import * as z from 'zod/mini';
import { isoInstant, projectId, sha256Hex, versionId } from './ids.ts';
import { settingsObject } from './json.ts';
import { gitRef } from './source.ts';

/** Largest artifact: bytes of the zip, bytes of its files together, and number of files (api.md). */
export const ARTIFACT_LIMITS = { bytes: 500 * 1024 * 1024, files: 20_000 } as const;

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
