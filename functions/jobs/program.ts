import { defineRoute } from '../http/route.ts';
import type { JobsDeps } from './deps.ts';

const LINK_SECONDS = 300;

/** The runner's program, by a link that is good for five minutes. It holds nothing secret, so everybody may have it. */
export const program = defineRoute<JobsDeps>()({
  method: 'GET',
  path: '/v1/runner/program',
  auth: 'public',
  summary: 'The bundled runner, as one file for Node.',
  answer: { status: 302 },
  handle: async ({ deps }) => {
    const { objects, key } = deps.program;
    return { status: 302, headers: { location: await objects.signGet(key, { seconds: LINK_SECONDS }) } };
  },
});
