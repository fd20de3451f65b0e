import * as z from 'zod/mini';
import { CAPABILITIES } from '../../../shared/targets/capabilities.ts';
import { ok } from '../../http/reply.ts';
import { route } from '../deps.ts';

const targetView = z.strictObject({
  kind: z.string(),
  capabilities: z.strictObject({
    strategies: z.array(z.enum(['all-at-once', 'blue-green', 'canary', 'rolling'])),
    staging: z.boolean(),
    instantRollback: z.boolean(),
    cancel: z.boolean(),
    logs: z.boolean(),
  }),
});

const getTargets = route({
  method: 'GET',
  path: '/v1/targets',
  summary: 'The kinds of target there are, and what each can do.',
  auth: 'signed-in',
  answer: {
    status: 200,
    schema: z.strictObject({ items: z.array(targetView), filters: z.strictObject({}) }),
  },
  handle: async () => {
    const items = Object.entries(CAPABILITIES).map(([kind, capabilities]) => ({ kind, capabilities }));
    return ok({ items, filters: {} });
  },
});

export const targetRoutes = [getTargets];
