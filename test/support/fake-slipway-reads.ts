import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeploymentStatusView } from '../../shared/contracts/deployment-status.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import type { LogLineView } from '../../shared/contracts/logs.ts';
import { NO_COST } from '../../shared/domain/cost.ts';
import { DEPLOYMENT, PROJECT, problem } from './fake-slipway.ts';

/** What the fake service answers to requests, and what it keeps of them. */
export interface FakeReads {
  readonly lines: LogLineView[];
  end: { lines: number; hash: string } | undefined;
  /** How the deployment stands; who changes it raises the revision. */
  status: DeploymentStatusView;
  /** What its record says besides. */
  record: Partial<DeploymentView>;
  /** Requests so far, as `METHOD path`. */
  readonly requests: string[];
  /** Their bodies, as text, in the same order as they came in whole. */
  readonly bodies: string[];
  /** The queries of reads of lines, in the order in which they came. */
  readonly queries: URLSearchParams[];
  /** Refuses tickets, so that no socket can be had. */
  withoutSockets: boolean;
  /** Knows nothing of slices, as a service of an earlier release. */
  withoutSlices: boolean;
  /** Has no room for those who wait. */
  crowded: boolean;
  /** Answers the next requests with these, before anything else. */
  readonly next: { status: number; body?: unknown; headers?: Record<string, string> }[];
}

export const NO_READS = (): FakeReads => ({
  lines: [],
  end: undefined,
  status: {
    id: DEPLOYMENT,
    status: 'building',
    releaseState: 'none',
    stage: 'build',
    progress: 30,
    currentStep: 'build',
    health: { state: 'unknown', message: 'Nothing is live.' },
    canCancel: true,
    canRetry: false,
    canRollback: false,
    reasons: {},
    revision: 1,
    at: '2026-01-01T00:00:00.000Z',
  },
  record: {},
  requests: [],
  bodies: [],
  queries: [],
  withoutSockets: false,
  withoutSlices: false,
  crowded: false,
  next: [],
});

/** How long an answer is held back, at the most (ms): the service takes much longer. */
const HOLD_MS = 300;
const LOOK_MS = 10;

export function answerRequest(
  fake: FakeReads,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', origin);
  fake.requests.push(`${request.method} ${url.pathname}`);
  if (url.pathname.endsWith('/logs')) fake.queries.push(url.searchParams);
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  request.on('end', () => fake.bodies.push(body));
  const reply = (status: number, body: unknown, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
  };
  const planned = fake.next.shift();
  if (planned === undefined) route(fake, url, request, reply);
  else reply(planned.status, planned.body, planned.headers);
}

function route(fake: FakeReads, url: URL, request: IncomingMessage, reply: Reply): void {
  const at = `/v1/deployments/${DEPLOYMENT}`;
  const isEvents = url.pathname === `${at}/events` && !fake.withoutSlices;
  if (url.pathname === '/v1/deployments' && request.method === 'POST') reply(202, viewOf(fake.status));
  else if (url.pathname === '/v1/realtime/tickets') ticket(fake, url.origin, reply);
  else if (fake.crowded && (url.searchParams.has('wait') || isEvents))
    reply(429, problem(429, 'RATE_LIMIT_EXCEEDED'));
  else if (url.pathname === `${at}/logs`) void logs(fake, url.searchParams, reply);
  else if (isEvents) void events(fake, request, url, reply);
  else if (url.pathname === at) void record(fake, url.searchParams, reply);
  else if (url.pathname === `${at}/status`) reply(200, fake.status);
  else if (url.pathname === `/v1/projects/${PROJECT}/deployments`) reply(200, list(fake.status));
  else
    reply(404, problem(404, url.pathname.endsWith('/events') ? 'ROUTE_NOT_FOUND' : 'DEPLOYMENT_NOT_FOUND'));
}

function ticket(fake: FakeReads, origin: string, reply: Reply): void {
  const url = origin.replace(/^http/, 'ws');
  if (fake.withoutSockets) reply(503, undefined);
  else reply(201, { ticket: 'one-use', url, expiresAt: '2026-01-01T00:01:00.000Z' });
}

type Reply = (status: number, body: unknown, headers?: Record<string, string>) => void;

async function held(isNews: () => boolean): Promise<void> {
  for (let waited = 0; waited < HOLD_MS && !isNews(); waited += LOOK_MS)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

async function logs(fake: FakeReads, query: URLSearchParams, reply: Reply): Promise<void> {
  const after = Number(query.get('after') ?? '0');
  if (query.has('wait')) await held(() => fake.lines.length > after || fake.end !== undefined);
  const scanned = fake.lines.filter((known) => known.n > after).slice(0, 1000);
  const through = scanned.at(-1)?.n ?? after;
  const isComplete = fake.end !== undefined && through >= fake.end.lines;
  const level = query.get('level');
  reply(200, {
    items: scanned.filter((known) => level === null || known.level === level),
    ...(isComplete ? {} : { nextCursor: String(through) }),
    ...(fake.end === undefined ? {} : { end: fake.end }),
  });
}

/** Frames of sockets as Server-Sent Events: what came behind the last id, or behind `after`. */
async function events(
  fake: FakeReads,
  request: IncomingMessage,
  { searchParams }: URL,
  reply: Reply,
): Promise<void> {
  const lastId = request.headers['last-event-id'];
  const [after = 0, revision = 0] = String(lastId ?? searchParams.get('after') ?? '')
    .split('.')
    .map(Number);
  const news = () => fake.lines.length > after || fake.status.revision > revision || fake.end !== undefined;
  await held(news);
  const frames: { type: string; data: unknown }[] = [];
  const {
    id,
    canCancel: _,
    canRetry: __,
    canRollback: ___,
    health: ____,
    reasons: _____,
    ...status
  } = fake.status;
  if (status.revision > revision) frames.push({ type: 'status', data: { ...status, deploymentId: id } });
  const lines = fake.lines.filter((known) => known.n > after);
  const [first, last] = [after + 1, fake.lines.length];
  if (lines.length > 0) frames.push({ type: 'log', data: { deploymentId: DEPLOYMENT, first, last, lines } });
  if (fake.end !== undefined) frames.push({ type: 'end', data: { ...fake.end, status: 'succeeded' } });
  const envelope = { timestamp: '2026-01-01T00:00:00.000Z', topic: `deployment:${DEPLOYMENT}`, seq: 0 };
  const said = frames.map(
    (frame) =>
      `event: ${frame.type}\nid: ${last}.${status.revision}\ndata: ${JSON.stringify({ ...envelope, ...frame })}\n\n`,
  );
  reply(200, said.join(''), { 'content-type': 'text/event-stream' });
}

async function record(fake: FakeReads, query: URLSearchParams, reply: Reply): Promise<void> {
  if (query.has('wait')) await held(() => String(fake.status.revision) !== query.get('revision'));
  reply(200, { ...viewOf(fake.status), ...fake.record });
}

function viewOf(status: DeploymentStatusView): DeploymentView {
  const { reasons: _reasons, health: _health, estimatedRemainingSeconds: _left, ...row } = rowOf(status);
  return {
    ...row,
    revision: status.revision,
    configSnapshot: {},
    parametersSnapshot: {},
    target: { kind: 'site' },
    previewUrls: [],
    retryCount: 0,
    validation: { passed: true, checks: [], errors: [], warnings: [] },
    cost: NO_COST,
    stages: [],
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
}

/** The one deployment of its project, as a list shows it. */
const list = (status: DeploymentStatusView) => ({ items: [rowOf(status)], filters: {} });

function rowOf(status: DeploymentStatusView) {
  const { currentStep, canCancel, canRetry, canRollback, reasons, health, estimatedRemainingSeconds } =
    status;
  return {
    ...{ currentStep, canCancel, canRetry, canRollback, reasons, health, estimatedRemainingSeconds },
    id: status.id,
    projectId: PROJECT,
    environment: 'production',
    type: 'deploy',
    method: 'api',
    versionId: 'ver_01JD0000000000000000000000',
    versionNumber: 1,
    status: status.status,
    releaseState: status.releaseState,
    stage: status.stage,
    progress: status.progress,
    source: { type: 'branch', ref: 'main' },
    trigger: { kind: 'api', actor: 'ada' },
    strategy: 'all-at-once',
    createdAt: '2026-01-01T00:00:00.000Z',
  } as const;
}
