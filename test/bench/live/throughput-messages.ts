import * as z from 'zod/mini';

/** A post of the runner of the deployment with this number. */
export const batch = z.object({ job: z.number(), body: z.string() });

export const fromHandler = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('frame'), job: z.number(), frame: z.string() }),
  /** `memory`: bytes of heap and buffers. `busy`: time that the process has used a processor for, µs. */
  z.object({
    kind: z.literal('answer'),
    job: z.number(),
    status: z.number(),
    memory: z.number(),
    busy: z.number(),
  }),
]);
export type FromHandler = z.infer<typeof fromHandler>;
