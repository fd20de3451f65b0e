import * as z from 'zod/mini';

/** What `bootstrap` is invoked with; anybody who may invoke it is an admin. */
export const bootstrapRequest = z.strictObject({
  /** Who the token stands for; shown in lists and compared where nobody may approve their own work. */
  subject: z.optional(z.string().check(z.minLength(1), z.maxLength(200), z.regex(/^[^\p{Cc}]*$/u))),
  name: z.optional(z.string().check(z.minLength(1), z.maxLength(100), z.regex(/^[^\p{Cc}]*$/u))),
});

export const bootstrapAnswer = z.strictObject({ token: z.string(), id: z.string(), subject: z.string() });
export type BootstrapAnswer = z.infer<typeof bootstrapAnswer>;
