import { beforeEach } from 'vitest';
import { httpHandler } from '../../../functions/http/handler.ts';
import type { WaitingDeps } from '../../../functions/waiting/deps.ts';
import { routes } from '../../../functions/waiting/routes.ts';
import { type ServerFrame, serverFrame } from '../../../shared/contracts/realtime.ts';
import type { Grant } from '../../../shared/domain/access.ts';
import type { Deployment } from '../../../shared/domain/records.ts';
import { transact } from '../../../shared/store/engine.ts';
import { appendLines } from '../../../shared/store/log-chain.ts';
import { newTicket } from '../../../shared/store/tickets.ts';
import { newToken, verifyToken } from '../../../shared/store/tokens.ts';
import { numbered } from '../../shared/store/log-chain/lines.ts';
import { type Given, givenDeployment, givenProject, quietLog } from '../../support/given.ts';
import { freshStore, type TestStore } from '../../support/store.ts';
import { type Answer, answerOf, contextOf, eventOf, type Sent } from '../api/support.ts';

export interface TestWaiting {
  readonly store: TestStore;
  readonly given: Given;
  readonly deployment: Deployment;
  /** Of somebody who may see everything; sent unless a request says otherwise. */
  readonly viewer: string;
  send(request: string, sent?: Sent): Promise<Answer>;
  token(
    grants: readonly Grant[],
    more?: { readonly expiresAt?: string; readonly kind?: 'api' | 'runner' },
  ): Promise<string>;
  /** A ticket as `POST /v1/realtime/tickets` gives it to the holder of this token. */
  ticket(token?: string): Promise<string>;
  /** Stores lines `from` to `to` (0-based, end excluded), as a build does. */
  write(from: number, to: number): Promise<unknown>;
}

const refuse = () => Promise.reject(new Error('waiting signs nothing'));

/** The Lambda handler of `waiting` on real tables, called as API Gateway calls it. */
export async function testWaiting(over: Partial<WaitingDeps> = {}): Promise<TestWaiting> {
  const store = await freshStore();
  const given = await givenProject(store);
  const deployment = await givenDeployment(store, given, { status: 'building', stage: 'build' });
  const nothing = async () => undefined;
  const objects = {
    size: nothing,
    read: nothing,
    write: nothing,
    remove: nothing,
    signPut: refuse,
    signGet: refuse,
  };
  const artifacts = async () => ({ objects });
  const handler = httpHandler(routes, { store, log: quietLog, artifacts, places: 3, ...over });
  const token: TestWaiting['token'] = async (grants, more = {}) => {
    const facts = { kind: 'api', name: 'test', subject: 'ada', groups: [], createdBy: 'root' } as const;
    const made = newToken(store, { ...facts, grants, ...more });
    await transact(store, [made.write]);
    return made.secret;
  };
  const viewer = await token([{ role: 'viewer' }]);
  return {
    store,
    given,
    deployment,
    viewer,
    token,
    send: async (request, sent = {}) => answerOf(await handler(eventOf(request, sent, viewer), contextOf())),
    ticket: async (held = viewer) => {
      const { ticket, write } = newTicket(store, await verifyToken(store, held));
      await transact(store, [write]);
      return ticket;
    },
    write: (from, to) => appendLines(store, deployment.id, 'build.0', from, numbered(from, to)),
  };
}

/** A world of its own for each test. */
export function eachTest(over: Partial<WaitingDeps> = {}): { readonly world: TestWaiting } {
  const held: { world?: TestWaiting } = {};
  beforeEach(async () => {
    held.world = await testWaiting(over);
  });
  return {
    get world() {
      if (held.world === undefined) throw new Error('asked outside of a test');
      return held.world;
    },
  };
}

/** One block of an event stream, by the names of its fields. */
export type Block = Readonly<Partial<Record<'event' | 'id' | 'data' | 'retry', string>>>;

/** The blocks of a stream, read as a browser reads them: fields by their name, comments left out. */
export const blocksOf = (stream: string): Block[] =>
  stream
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) =>
      Object.fromEntries(
        block
          .split('\n')
          .filter((line) => !line.startsWith(':'))
          .map((line) => {
            const [, name = '', value = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
            return [name, value];
          }),
      ),
    );

/** What is answered with an event stream, as its client understands it. */
export function streamOf({ body }: Answer) {
  // Only JSON is parsed by the harness; a stream stays the text that it is.
  const blocks = blocksOf(String(body));
  const frames = blocks.flatMap(({ data }): ServerFrame[] =>
    data === undefined ? [] : [serverFrame.parse(JSON.parse(data))],
  );
  const lastId = blocks.flatMap(({ id }) => id ?? []).at(-1) ?? '';
  return { blocks, frames, lastId };
}
