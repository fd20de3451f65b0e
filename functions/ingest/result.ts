import { postAnswer } from '../../shared/contracts/job-posts.ts';
import { type JobResult, resultRequest } from '../../shared/contracts/job-results.ts';
import { LogEnded } from '../../shared/errors/logs.ts';
import { publishLines } from '../../shared/platform/sockets.ts';
import { appendLines } from '../../shared/store/log-chain.ts';
import { defineRoute } from '../http/route.ts';
import type { IngestDeps } from './deps.ts';
import { maskedResult } from './masked-result.ts';
import { noteLife } from './signs-of-life.ts';
import { answer, endsInsideKey, jobPath, nextOffset, type Visit, visit } from './visit.ts';

/** The end of a job: what it made or why it failed. May be sent again until it is answered. */
export const result = defineRoute<IngestDeps>()({
  method: 'POST',
  path: '/v1/jobs/{jobKey}/result',
  auth: 'own',
  params: jobPath,
  body: resultRequest,
  summary: 'Takes the result of a job, once.',
  answer: { status: 200, schema: postAnswer },
  handle: async (call) => {
    const post = await visit(call, true);
    // Who sends a result again is alive, however long its job is over.
    if (post.verdict !== 'gone' || post.job.state === 'finished') await noteLife(post, { wrote: false });
    await noteMissingLines(post, call.body);
    // One request of a build needs this: its code, with two more clients, is not part of every start.
    const { takeResult } = await import('../../shared/store/job-outcome.ts');
    const parts = { machine: await call.deps.machine(), artifacts: await call.deps.artifacts() };
    const masked = maskedResult(call.body, await endsInsideKey(post));
    await takeResult(post.store, parts, post.job.jobKey, masked);
    return answer(post, 'gone', await nextOffset(post));
  },
});

/** A runner sends its lines before its result. Where some did not come, the log says so instead of looking whole. */
async function noteMissingLines(post: Visit, { lines }: JobResult): Promise<void> {
  const { store, deps, job, producer } = post;
  if (post.verdict === 'gone') return;
  const arrived = await nextOffset(post);
  if (lines <= arrived) return;
  const line = {
    at: store.clock.now(),
    level: 'warn',
    step: 'log',
    source: 'system',
    message: `${lines - arrived} lines of the ${job.kind} did not arrive.`,
  } as const;
  try {
    const appended = await appendLines(store, job.deploymentId, `${producer}.missing`, 0, [line], {
      tails: deps.tails,
    });
    await publishLines({ ...deps.publishing, store }, job.deploymentId, appended.lines);
  } catch (error) {
    if (!(error instanceof LogEnded)) throw error;
  }
}
