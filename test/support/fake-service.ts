import { createHash } from 'node:crypto';
import type http from 'node:http';
import { linesRequest, MAX_BATCH_BYTES, type PostAnswer } from '../../shared/contracts/job-posts.ts';
import {
  type ArtifactRequest,
  artifactRequest,
  type JobResult,
  resultRequest,
} from '../../shared/contracts/job-results.ts';
import { type ClaimedJob, claimRequest } from '../../shared/contracts/jobs.ts';
import { listen } from './http-server.ts';

type Verdict = PostAnswer['verdict'];
type Line = { at: number; level: string; step: string; message: string };

/** What the far side does to one request, besides answering it. */
export interface Fault {
  /** `drop-before`: the request never arrives; `drop-after`: it took effect, and the answer is lost. */
  readonly kind: 'drop-before' | 'drop-after' | 'status';
  readonly status?: number;
}

/** What a job of the fake service went through. */
export interface JobTrace {
  readonly lines: Line[];
  readonly steps: string[];
  beats: number;
  posts: number;
  result: JobResult | undefined;
  results: number;
  /** What the runner said that it would upload. */
  announced: ArtifactRequest | undefined;
  uploaded: Buffer | undefined;
  uploadHeaders: http.IncomingHttpHeaders | undefined;
}

/**
 * The service's half of the runner protocol, as strict as the real one about offsets, tokens, sizes and
 * schemas, and able to do what networks do.
 */
export interface FakeService extends AsyncDisposable {
  readonly url: string;
  /** Where artifacts are to be put: here, unless a test says otherwise. */
  uploadUrl: (jobKey: string) => string;
  offer(job: ClaimedJob): void;
  trace(jobKey: string): JobTrace;
  /** Resolves with the trace once the job has a result; rejects after `ms`. */
  finished(jobKey: string, ms?: number): Promise<JobTrace>;
  /** What every following post is told. */
  verdict: Verdict;
  flushMs: number;
  /** Decides about each request before it is handled. */
  fault: (path: string, count: number) => Fault | undefined;
  /** Where it says that jobs are announced; without one it says that it does not know for now. */
  websocketUrl: string | undefined;
  /** The runner token that it knows. */
  runnerToken: string;
  /** While it is set, nothing is answered. */
  silent: boolean;
  readonly claims: { nonce: string; token: string; jobKey: string | undefined }[];
  /** Requests that broke the protocol; a test asserts that there are none. */
  readonly complaints: string[];
}

export const RUNNER_TOKEN = 'slp_runner-token-of-the-test';

export async function startFakeService(): Promise<FakeService> {
  const waiting: ClaimedJob[] = [];
  const byNonce = new Map<string, ClaimedJob>();
  const jobs = new Map<string, ClaimedJob>();
  const traces = new Map<string, JobTrace>();
  const claims: FakeService['claims'] = [];
  const complaints: string[] = [];
  let requests = 0;

  const server = await listen((request, response) => void handle(request, response));
  const origin = `http://${server.host}`;

  const service: FakeService = {
    url: origin,
    verdict: 'go-on',
    flushMs: 20,
    silent: false,
    websocketUrl: undefined,
    runnerToken: RUNNER_TOKEN,
    fault: () => undefined,
    claims,
    complaints,
    uploadUrl: (jobKey) => `${origin}/uploads/${jobKey}?signature=secret`,
    offer: (job) => {
      waiting.push(job);
      jobs.set(job.jobKey, job);
    },
    trace,
    async finished(jobKey, ms = 20_000) {
      const until = Date.now() + ms;
      while (trace(jobKey).result === undefined) {
        if (Date.now() > until) {
          throw new Error(`no result of ${jobKey}; lines: ${JSON.stringify(trace(jobKey).lines.slice(-10))}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return trace(jobKey);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };

  function trace(jobKey: string): JobTrace {
    const found = traces.get(jobKey) ?? {
      lines: [],
      steps: [],
      beats: 0,
      posts: 0,
      result: undefined,
      results: 0,
      announced: undefined,
      uploaded: undefined,
      uploadHeaders: undefined,
    };
    traces.set(jobKey, found);
    return found;
  }

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', origin).pathname;
    const body = await bodyOf(request).catch(() => undefined);
    if (body === undefined) return;
    requests += 1;
    const fault = service.fault(path, requests);
    if (fault?.kind === 'drop-before') return void request.socket.destroy();
    if (service.silent) return;
    if (fault?.kind === 'status') return send(response, fault.status ?? 503, { code: 'INTERNAL' });
    const answer = route(path, request, body);
    if (fault?.kind === 'drop-after') return void request.socket.destroy();
    send(response, answer.status, answer.body);
  }

  function route(
    path: string,
    request: http.IncomingMessage,
    body: Buffer,
  ): { status: number; body?: unknown } {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    if (path.startsWith('/uploads/')) return upload(path.slice('/uploads/'.length), request, body);
    if (path === '/v1/runner/address') return address(token);
    if (path === '/v1/runner/claims') return claim(token, JSON.parse(String(body)));
    const [, jobKey = '', what = ''] =
      /^\/v1\/jobs\/([^/]+)\/(lines|beats|result|artifact)$/.exec(path) ?? [];
    const job = jobs.get(jobKey);
    if (job === undefined) return complain(404, `unknown ${path}`);
    if (token !== job.jobToken) return complain(401, `wrong token for ${path}`);
    return what === 'artifact' ? place(jobKey, body) : post(what, jobKey, body);
  }

  function place(jobKey: string, body: Buffer): { status: number; body?: unknown } {
    const announced = artifactRequest.parse(JSON.parse(String(body)));
    Object.assign(trace(jobKey), { announced });
    const headers = {
      'content-type': 'application/zip',
      'content-length': String(announced.size),
      'x-amz-checksum-sha256': Buffer.from(announced.digest, 'hex').toString('base64'),
    };
    return { status: 200, body: { url: service.uploadUrl(jobKey), headers } };
  }

  function address(token: string): { status: number; body?: unknown } {
    if (token !== service.runnerToken) return { status: 401, body: { code: 'UNAUTHENTICATED' } };
    const { websocketUrl } = service;
    return websocketUrl === undefined ? { status: 503 } : { status: 200, body: { websocketUrl } };
  }

  function claim(token: string, body: unknown): { status: number; body?: unknown } {
    const asked = claimRequest.parse(body);
    claims.push({ nonce: asked.nonce, token, jobKey: asked.jobKey });
    const before = byNonce.get(asked.nonce);
    if (before !== undefined) return { status: 200, body: before };
    const ticket = asked.jobKey !== undefined && token === `ticket-of-${asked.jobKey}`;
    if (!ticket && token !== service.runnerToken) return { status: 401, body: { code: 'UNAUTHENTICATED' } };
    const index = waiting.findIndex((job) => asked.jobKey === undefined || job.jobKey === asked.jobKey);
    const [job] = index === -1 ? [] : waiting.splice(index, 1);
    if (job === undefined) return { status: 204 };
    byNonce.set(asked.nonce, job);
    return { status: 200, body: job };
  }

  function post(what: string, jobKey: string, body: Buffer): { status: number; body?: unknown } {
    const seen = trace(jobKey);
    seen.posts += 1;
    if (service.verdict === 'gone') return { status: 410, body: { code: 'JOB_GONE' } };
    if (body.length > MAX_BATCH_BYTES) return complain(413, `${body.length} bytes`);
    const input: unknown = JSON.parse(String(body));
    if (what === 'beats') seen.beats += 1;
    if (what === 'lines') {
      const batch = linesRequest.parse(input);
      // A batch that was taken before is recognised, and one that leaves something out is refused.
      const known = seen.lines.slice(batch.offset, batch.offset + batch.lines.length);
      const repeated = known.length === batch.lines.length && digest(known) === digest(batch.lines);
      if (batch.offset !== seen.lines.length && !repeated) {
        return { status: 409, body: { code: 'OFFSET_MISMATCH', nextOffset: seen.lines.length } };
      }
      if (!repeated) seen.lines.push(...batch.lines);
      if (batch.step !== undefined && !repeated) seen.steps.push(batch.step);
    }
    if (what === 'result') {
      const result = resultRequest.parse(input);
      if (result.lines !== seen.lines.length) return complain(409, `result after ${result.lines} lines`);
      seen.result = result;
      seen.results += 1;
    }
    const answer: PostAnswer = {
      verdict: service.verdict,
      nextOffset: seen.lines.length,
      flushMs: service.flushMs,
    };
    return { status: 200, body: answer };
  }

  function upload(jobKey: string, request: http.IncomingMessage, body: Buffer) {
    if (request.method !== 'PUT') return complain(405, 'upload without PUT');
    if (request.headers['content-length'] !== String(body.length))
      return complain(411, 'upload without length');
    const checksum = createHash('sha256').update(body).digest('base64');
    if (request.headers['x-amz-checksum-sha256'] !== checksum)
      return complain(400, 'other bytes than announced');
    Object.assign(trace(jobKey), { uploaded: body, uploadHeaders: request.headers });
    return { status: 200 };
  }

  function complain(status: number, what: string) {
    complaints.push(what);
    return { status, body: { code: 'VALIDATION_FAILED' } };
  }

  return service;
}

function send(response: http.ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function digest(lines: readonly Line[]): string {
  return createHash('sha256').update(JSON.stringify(lines)).digest('hex');
}
