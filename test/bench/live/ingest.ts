import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { httpHandler } from '../../../functions/http/handler.ts';
import { JobMemory } from '../../../functions/ingest/job-memory.ts';
import { ingestRoutes, MAX_POST_BODY_BYTES } from '../../../functions/ingest/routes.ts';
import { InternalError } from '../../../shared/errors/requests.ts';
import type { Publisher } from '../../../shared/platform/sockets.ts';
import { LogTails } from '../../../shared/store/log-tails.ts';
import { quietLog } from '../../support/given.ts';

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Posts to the real handler of ingest, as API Gateway hands them on. */
export type Ingest = (path: string, token: string, body: string) => Promise<Answered>;

/** Lines only: no result and no machine. */
export function ingestOn({ store, ...publishing }: Publisher): Ingest {
  const unused = () => Promise.reject(new InternalError('A bench of lines calls no machine.'));
  const deps = {
    store,
    publishing,
    log: quietLog,
    machine: unused,
    artifacts: unused,
    tails: new LogTails(),
    jobs: new JobMemory(),
  };
  const handler = httpHandler(ingestRoutes, deps, { maxBodyBytes: MAX_POST_BODY_BYTES, quiet: true });
  return async (path, token, body) => {
    const { statusCode = 200, body: answer = '' } = await handler(eventOf(path, token, body), CONTEXT);
    return { status: statusCode, body: answer };
  };
}

// The parts of a Lambda context that the handler looks at.
const CONTEXT = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 29_000 } as Context;

const eventOf = (rawPath: string, token: string, body: string): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: '$default',
  rawPath,
  rawQueryString: '',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'bench.test',
    domainPrefix: 'bench',
    http: { method: 'POST', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    requestId: 'bench-0001',
    routeKey: '$default',
    stage: '$default',
    time: '',
    timeEpoch: 0,
  },
  body,
  isBase64Encoded: false,
});

/** A batch as a runner posts it. */
export const batchOf = (offset: number, messages: readonly string[]): string =>
  JSON.stringify({
    offset,
    lines: messages.map((message) => ({ at: Date.now(), level: 'info', step: 'build', message })),
  });
