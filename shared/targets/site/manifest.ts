import * as z from 'zod/mini';

/** Raised when a stored shape changes; readers go on accepting the ones before. */
const VERSION = 1;

/** What the miss function has to know of a release. */
export const manifest = z.object({
  v: z.literal(VERSION),
  release: z.string(),
  projectId: z.string(),
  environment: z.string(),
  fallback: z.enum(['spa', '404', 'none']),
  /** SHA-256 of the artifact, in hex. */
  digest: z.string(),
  files: z.number(),
  pages: z.number(),
});
export type Manifest = z.infer<typeof manifest>;

export const fileList = z.object({
  v: z.literal(VERSION),
  release: z.string(),
  files: z.array(z.object({ path: z.string(), size: z.number(), sha256: z.string() })),
});
export type FileList = z.infer<typeof fileList>;
