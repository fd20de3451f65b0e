import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import {
  type CustomAction,
  type CustomAnswer,
  type CustomProblemCode,
  type CustomRequest,
  customRequest,
} from '../../shared/contracts/custom-target.ts';
import { WebhookRejected } from '../../shared/errors/webhooks.ts';
import { verifyWebhook } from '../../shared/net/webhook-signature.ts';
import { type Hold, Holds } from './holds.ts';
import { listen, type TestServer } from './http-server.ts';

type RequestOf<A extends CustomAction> = Extract<CustomRequest, { action: A }>;
type Line = CustomAnswer<'logs'>['lines'][number];

interface Release {
  readonly id: string;
  readonly deploymentId: string;
  readonly lines: Line[];
  readonly stop: AbortController;
  readonly placed: Promise<void>;
  status: CustomAnswer<'status'>['status'];
  message?: string;
}

interface Environment {
  readonly releases: Map<string, Release>;
  fence: number;
  /** The last change under this fence undid a deployment. */
  restored: boolean;
  live: Release | undefined;
}

/** What goes wrong with one request. */
export type Fault =
  /** The connection breaks before the server looks at the request. */
  | 'lose-request'
  /** The server does what it was asked for, and its answer is lost. */
  | 'lose-answer'
  | { readonly status: number; readonly body: string; readonly location?: string };

export interface CustomServerOptions {
  readonly secret: string;
  /** How long placing and activating take after the answer `pending`; 0 answers `done`. */
  readonly pendingMs?: number;
  /** Lines of each release besides its own. */
  readonly says?: readonly string[];
  readonly now?: () => number;
}

/** A deployment server that keeps the contract of docs/targets/custom.md, for tests; its releases are in memory. */
export interface CustomServer extends TestServer {
  readonly url: string;
  /** Every request that was accepted, in order. */
  readonly requests: CustomRequest[];
  /** Public address of an environment; answers with the live release's id in `x-release`, or 404. */
  address(projectId: string, environment: string): string;
  /** Lets the next request of that action go wrong. */
  failNext(action: CustomAction, fault: Fault): void;
  /** Lets requests of that action wait before they are looked at; or those for a page, staged or live. */
  hold(what: CustomAction | Page): Hold;
}

type Page = 'staged' | 'live';

class Refusal extends Error {
  readonly status: number;
  readonly code: CustomProblemCode;

  constructor(status: number, code: CustomProblemCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function startCustomServer(options: CustomServerOptions): Promise<CustomServer> {
  const state = new ServerState(options.pendingMs ?? 0, options.says ?? []);
  const requests: CustomRequest[] = [];
  const faults: { readonly action: CustomAction; readonly fault: Fault }[] = [];
  const holds = new Holds<CustomAction | Page>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'GET') {
      await holds.pass(pageOf(request));
      return showSite(state, request, response);
    }
    const parsed = authenticated(request.headers, await buffer(request), options);
    const at = faults.findIndex(({ action }) => action === parsed.action);
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0]?.fault;
    if (fault === 'lose-request') return response.destroy();
    if (typeof fault === 'object') {
      const { status, body, ...headers } = fault;
      return response.writeHead(status, headers).end(body);
    }
    await holds.pass(parsed.action);
    requests.push(parsed);
    const body = JSON.stringify(await state.handle(parsed, `http://${request.headers.host}`));
    if (fault === 'lose-answer') return response.destroy();
    return response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  };
  const server = await listen((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, error));
  });
  const url = `http://${server.host}/`;
  return {
    ...server,
    url,
    requests,
    address: (projectId, environment) => `${url}sites/${projectId}/${environment}`,
    failNext: (action, fault) => faults.push({ action, fault }),
    hold: (what) => holds.hold(what),
  };
}

const pageOf = ({ url }: IncomingMessage): Page => (url?.startsWith('/staged/') ? 'staged' : 'live');

function authenticated(
  headers: IncomingMessage['headers'],
  body: Buffer,
  { secret, now = Date.now }: CustomServerOptions,
): CustomRequest {
  verifyWebhook(headers, body, [secret], now());
  const parsed = customRequest.safeParse(JSON.parse(body.toString()));
  if (!parsed.success) throw new Refusal(400, 'invalid', parsed.error.message);
  return parsed.data;
}

function refuse(response: ServerResponse, error: unknown): void {
  const [status, code] =
    error instanceof Refusal
      ? [error.status, error.code]
      : error instanceof WebhookRejected
        ? [401, 'invalid']
        : [500, 'failed'];
  const message = error instanceof Error ? error.message : String(error);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code, message } }));
}

function showSite(state: ServerState, request: IncomingMessage, response: ServerResponse): void {
  const [, folder, first = '', environment] = request.url?.split('/') ?? [];
  const shown = folder === 'staged' ? state.placed(first) : state.environment(`${first}/${environment}`).live;
  if (shown === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'x-release': shown.deploymentId }).end(shown.id);
}

class ServerState {
  readonly #environments = new Map<string, Environment>();
  readonly #pendingMs: number;
  readonly #says: readonly string[];

  constructor(pendingMs: number, says: readonly string[]) {
    this.#pendingMs = pendingMs;
    this.#says = says;
  }

  environment(key: string): Environment {
    const known = this.#environments.get(key);
    if (known !== undefined) return known;
    const fresh: Environment = { releases: new Map(), fence: 0, restored: false, live: undefined };
    this.#environments.set(key, fresh);
    return fresh;
  }

  /** A release that can be looked at, live or not. */
  placed(id: string) {
    const releases = [...this.#environments.values()].map((environment) => environment.releases.get(id));
    return releases.find((release) => release?.status === 'succeeded');
  }

  async handle(request: CustomRequest, origin: string): Promise<CustomAnswer<CustomAction>> {
    const key = `${request.project.id}/${request.environment}`;
    const environment = this.environment(key);
    switch (request.action) {
      case 'start':
        return this.#start(environment, request);
      case 'status': {
        const { status, message } = releaseOf(environment, request.releaseId);
        const stagedUrl = `${origin}/staged/${request.releaseId}`;
        return { status, stagedUrl, ...(message !== undefined && { message }) };
      }
      case 'logs':
        return linesFrom(releaseOf(environment, request.releaseId).lines, request.cursor);
      case 'activate':
        return this.#activate(environment, request);
      case 'serving': {
        const { live } = environment;
        const url = `${origin}/sites/${key}`;
        return { deploymentId: live?.deploymentId ?? null, releaseId: live?.id ?? null, url };
      }
      case 'cancel':
        return cancel(environment, request);
      case 'cleanup':
        return cleanup(environment, request);
    }
  }

  async #start(environment: Environment, request: RequestOf<'start'>): Promise<CustomAnswer<'start'>> {
    const id = `release-of-${request.deploymentId}`;
    let release = environment.releases.get(id);
    if (release === undefined) {
      release = beginRelease(id, request, this.#pendingMs, this.#says);
      environment.releases.set(id, release);
    }
    if (this.#pendingMs > 0) return { releaseId: id, state: 'pending' };
    await release.placed;
    if (release.status === 'failed') throw new Refusal(422, 'failed', release.message ?? '');
    return { releaseId: id, state: 'done' };
  }

  async #activate(
    environment: Environment,
    { fence, restore, releaseId }: RequestOf<'activate'>,
  ): Promise<CustomAnswer<'activate'>> {
    const overtaken = fence < environment.fence;
    const undone = fence === environment.fence && environment.restored && !restore;
    if (overtaken || undone) throw new Refusal(409, 'fence', `Fence ${environment.fence} was here.`);
    const release = releaseId === null ? undefined : releaseOf(environment, releaseId);
    if (release !== undefined && release.status !== 'succeeded') {
      throw new Refusal(422, 'failed', 'The release is not placed.');
    }
    environment.fence = fence;
    environment.restored = restore;
    if (this.#pendingMs === 0) {
      environment.live = release;
      return { state: 'done' };
    }
    setTimeout(() => {
      if (environment.fence === fence && environment.restored === restore) environment.live = release;
    }, this.#pendingMs);
    return { state: 'pending' };
  }
}

function releaseOf(environment: Environment, id: string): Release {
  const release = environment.releases.get(id);
  if (release === undefined) throw new Refusal(404, 'unknown-release', `There is no release ${id}.`);
  return release;
}

/** Fetches the artifact and checks that it is the one that was meant. */
function beginRelease(
  id: string,
  { deploymentId, artifact }: RequestOf<'start'>,
  delayMs: number,
  says: readonly string[],
): Release {
  const stop = new AbortController();
  const lines: Line[] = [];
  const say = (message: string) => lines.push({ at: new Date().toISOString(), level: 'info', message });
  const place = async () => {
    say('Fetching the artifact.');
    for (const line of says) say(line);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const bytes = Buffer.from(await (await fetch(artifact.url, { signal: stop.signal })).arrayBuffer());
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest !== artifact.digest) throw new Error(`The artifact has the digest ${digest}.`);
    say(`Placed ${bytes.length} bytes.`);
  };
  const placed = place().then(
    () => {
      release.status = 'succeeded';
    },
    (error: unknown) => {
      release.status = stop.signal.aborted ? 'canceled' : 'failed';
      release.message = error instanceof Error ? error.message : String(error);
    },
  );
  const release: Release = { id, deploymentId, lines, stop, placed, status: 'deploying' };
  return release;
}

const PAGE = 2;

function linesFrom(lines: readonly Line[], cursor: string | undefined): CustomAnswer<'logs'> {
  const from = Number(cursor ?? 0);
  const page = lines.slice(from, from + PAGE);
  const next = from + page.length;
  return { lines: [...page], more: next < lines.length, ...(page.length > 0 && { cursor: String(next) }) };
}

async function cancel(
  environment: Environment,
  { deploymentId }: RequestOf<'cancel'>,
): Promise<CustomAnswer<'cancel'>> {
  const begun = [...environment.releases.values()].filter((release) => release.deploymentId === deploymentId);
  for (const release of begun) release.stop.abort();
  await Promise.all(begun.map((release) => release.placed));
  return { stopped: true };
}

function cleanup(environment: Environment, { releaseId }: RequestOf<'cleanup'>): CustomAnswer<'cleanup'> {
  if (environment.live?.id === releaseId) throw new Refusal(422, 'invalid', 'The release is live.');
  environment.releases.delete(releaseId);
  return {};
}
