import { beatRequest, postAnswer } from '../../shared/contracts/job-posts.ts';
import { publishLines } from '../../shared/platform/sockets.ts';
import { defineRoute } from '../http/route.ts';
import type { IngestDeps } from './deps.ts';
import { noteLife } from './signs-of-life.ts';
import { answer, jobPath, nextOffset, visit } from './visit.ts';

/** A silent job's sign of life; the answer tells it what it would otherwise hear with its lines. */
export const beats = defineRoute<IngestDeps>()({
  method: 'POST',
  path: '/v1/jobs/{jobKey}/beats',
  auth: 'own',
  params: jobPath,
  body: beatRequest,
  summary: 'Says that a job goes on although it prints nothing.',
  answer: { status: 200, schema: postAnswer },
  handle: async (call) => {
    const post = await visit(call, true);
    const { store, deps, job } = post;
    if (post.verdict !== 'gone') {
      await noteLife(post, { wrote: false });
      post.notes.viewers = await publishLines({ ...deps.publishing, store }, job.deploymentId, []);
    }
    return answer(post, post.verdict, await nextOffset(post));
  },
});
