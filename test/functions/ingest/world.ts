import { httpHandler } from '../../../functions/http/handler.ts';
import type { IngestDeps } from '../../../functions/ingest/deps.ts';
import { JobMemory } from '../../../functions/ingest/job-memory.ts';
import { ingestRoutes, MAX_POST_BODY_BYTES } from '../../../functions/ingest/routes.ts';
import type { PostAnswer } from '../../../shared/contracts/job-posts.ts';
import type { JobKind } from '../../../shared/contracts/jobs.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { LogTails } from '../../../shared/store/log-tails.ts';
import { freshBucket, type TestBucket } from '../../support/bucket.ts';
import { claimedJob } from '../../support/claimed-job.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { type TaskMachine, taskMachine } from '../../support/task-machine.ts';
import { leftForWorkers, type Viewers, viewers } from '../../support/viewers.ts';
import { answerOf, contextOf, eventOf, type LogLine, recordingLog } from '../api/support.ts';

export interface PostReply {
  readonly status: number;
  readonly body: PostAnswer & { readonly code?: string; readonly field?: string };
}

export interface TestIngest {
  readonly store: TestStore;
  readonly sockets: Viewers;
  readonly fanOut: ReturnType<typeof leftForWorkers>;
  readonly machine: TaskMachine;
  readonly bucket: TestBucket;
  readonly deployment: Deployment;
  readonly jobKey: string;
  readonly jobToken: string;
  readonly logged: LogLine[];
  post(route: 'lines' | 'beats' | 'result', body: unknown, token?: string): Promise<PostReply>;
  /** The same for whatever job. */
  postTo(
    jobKey: string,
    route: 'lines' | 'beats' | 'result',
    body: unknown,
    token: string,
  ): Promise<PostReply>;
  lines(offset: number, messages: readonly string[], step?: string): Promise<PostReply>;
  /** The same service in another process: it remembers nothing. */
  elsewhere(): TestIngest;
}

/** The Lambda handler of `ingest` with a claimed job, called as API Gateway calls it. */
export async function testIngest(kind: JobKind = 'build'): Promise<TestIngest> {
  const store = await freshStore();
  return world({ store, bucket: await freshBucket(), ...(await claimedJob(store, kind)) });
}

function world(
  base: Pick<TestIngest, 'store' | 'bucket' | 'deployment' | 'jobKey' | 'jobToken'>,
  sockets: Viewers = viewers(),
  machine: TaskMachine = taskMachine(),
): TestIngest {
  const logged: LogLine[] = [];
  const fanOut = leftForWorkers();
  const deps: IngestDeps = {
    store: base.store,
    log: recordingLog(logged, {}),
    publishing: { poster: sockets, fanOut },
    machine: async () => machine,
    artifacts: async () => base.bucket.objects,
    tails: new LogTails(),
    jobs: new JobMemory(),
  };
  const handler = httpHandler(ingestRoutes, deps, { maxBodyBytes: MAX_POST_BODY_BYTES });
  const postTo: TestIngest['postTo'] = async (jobKey, route, body, token) => {
    const event = eventOf(`POST /v1/jobs/${jobKey}/${route}`, { body, token }, '');
    const { status, body: answered } = answerOf(await handler(event, contextOf()));
    // The test says what it expects of the members.
    return { status, body: answered as unknown as PostReply['body'] };
  };
  const post: TestIngest['post'] = (route, body, token = base.jobToken) =>
    postTo(base.jobKey, route, body, token);
  return {
    ...base,
    sockets,
    fanOut,
    machine,
    logged,
    post,
    postTo,
    lines: (offset, messages, step) =>
      post('lines', {
        offset,
        lines: messages.map((message) => ({
          at: base.store.clock.now(),
          level: 'info',
          step: 'build',
          message,
        })),
        ...(step === undefined ? {} : { step }),
      }),
    elsewhere: () => world(base, sockets, machine),
  };
}
