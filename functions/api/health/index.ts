import * as z from 'zod/mini';
import { isoTime } from '../../../shared/platform/clock.ts';
import { route } from '../deps.ts';
import { checkParts } from './check.ts';

const state = z.enum(['ok', 'down']);
export const healthView = z.strictObject({
  status: state,
  at: z.string(),
  parts: z.array(z.strictObject({ name: z.string(), status: state, milliseconds: z.number() })),
});

const getHealth = route({
  method: 'GET',
  path: '/v1/health',
  summary: 'Is the service well, and each part it needs? 503 while one is down.',
  auth: 'public',
  answer: { status: 200, schema: healthView },
  handle: async ({ deps, log }) => {
    const { clock } = deps.store;
    const parts = await checkParts(deps.parts, () => clock.now(), log);
    const well = parts.every(({ status }) => status === 'ok');
    return {
      status: well ? 200 : 503,
      body: { status: well ? 'ok' : 'down', at: isoTime(clock.now()), parts },
    };
  },
});

export const healthRoutes = [getHealth];
