import * as z from 'zod/mini';
import { isoTime } from '../../../shared/platform/clock.ts';
import type { Log } from '../../../shared/platform/logger.ts';
import { type ApiDeps, route } from '../deps.ts';
import { checkParts, type PartHealth } from './check.ts';

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
    const { at, parts: looked } = lookAt(deps, log);
    const parts = await looked;
    const well = parts.every(({ status }) => status === 'ok');
    return {
      status: well ? 200 : 503,
      body: { status: well ? 'ok' : 'down', at: isoTime(at), parts },
    };
  },
});

/** What a look found counts this long (ms): everybody may ask, and each look spends calls that the service needs. */
const LOOK_COUNTS_MS = 5000;

interface Look {
  readonly at: number;
  readonly parts: Promise<PartHealth[]>;
}

/** The last look of this process, by the parts that were looked at. */
const looks = new WeakMap<ApiDeps['parts'], Look>();

function lookAt({ parts, store: { clock } }: ApiDeps, log: Log): Look {
  const now = clock.now();
  const last = looks.get(parts);
  if (last !== undefined && now - last.at < LOOK_COUNTS_MS) return last;
  const look = { at: now, parts: checkParts(parts, () => clock.now(), log) };
  looks.set(parts, look);
  return look;
}

export const healthRoutes = [getHealth];
