import { runnerAddress } from '../../shared/contracts/jobs.ts';
import { ok } from '../http/reply.ts';
import { defineRoute } from '../http/route.ts';
import type { JobsDeps } from './deps.ts';

/** An agent is given the address of the API and its token; where it hears of jobs it learns here. */
export const address = defineRoute<JobsDeps>()({
  method: 'GET',
  path: '/v1/runner/address',
  auth: 'runner',
  summary: 'Where an agent opens the socket that tells it of jobs.',
  answer: { status: 200, schema: runnerAddress },
  handle: async ({ deps }) => ok({ websocketUrl: deps.websocketUrl }),
});
