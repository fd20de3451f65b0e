import * as z from 'zod/mini';

/**
 * What a site serves: the value of its one key in the key-value store, read by the viewer function at each
 * request. At most 1 KB, the store's limit for a value.
 */
export const siteEntry = z.object({
  /** Null: nothing is live, but the fence is remembered. */
  release: z.nullable(z.string()),
  /** Deployment that made it live; absent where it placed it too, and so has its name. */
  deployment: z.optional(z.string()),
  /** Fence of the slot's owner who wrote it; only the same or a higher one may write again. */
  fence: z.number(),
  /** Shares of the visitors, where traffic is split: a release, whose doing it is (as above), and its percent. */
  weights: z.optional(
    z.array(z.object({ release: z.string(), deployment: z.optional(z.string()), percent: z.number() })),
  ),
});
export type SiteEntry = z.infer<typeof siteEntry>;
