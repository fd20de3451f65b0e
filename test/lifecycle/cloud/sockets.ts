import { GoneException } from '@aws-sdk/client-apigatewaymanagementapi';
import type { ServerFrame } from '../../../shared/contracts/realtime.ts';
import type { Units } from '../../../shared/domain/cost.ts';
import type { Functions } from './lambda.ts';
import { asNobody } from './process.ts';
import type { Commands } from './sdk.ts';
import type { Timeline } from './timeline.ts';

/** Between a post and the client that hears it, and the other way (ms). */
const WAY_MS = 15;

/** The WebSocket API in memory: what clients send goes to `realtime`, what is posted to a socket is heard by its client. */
export class Sockets {
  readonly #timeline: Timeline;
  readonly #functions: Functions;
  readonly #paid: (units: Units) => void;
  readonly #open = new Map<string, (frame: ServerFrame) => void>();
  #count = 0;

  constructor(timeline: Timeline, functions: Functions, paid: (units: Units) => void) {
    this.#timeline = timeline;
    this.#functions = functions;
    this.#paid = paid;
  }

  get commands(): Commands {
    const execute = (_operation: string, input: object) => {
      // Which input belongs to which command is the SDK's promise.
      const { ConnectionId = '', Data } = input as { ConnectionId?: string; Data?: Uint8Array };
      const hear = this.#open.get(ConnectionId);
      if (hear === undefined) throw new GoneException({ message: 'Gone', $metadata: {} });
      const frame = JSON.parse(Buffer.from(Data ?? []).toString('utf8')) as ServerFrame;
      this.#timeline.in(WAY_MS, () => hear(frame));
      return { $metadata: {} };
    };
    return { service: { name: 'sockets', execute }, reads: [], changes: ['PostToConnection'] };
  }

  /** Opens a socket; the answer is what sends frames over it. */
  async connect(
    token: string,
    hear: (frame: ServerFrame) => void,
  ): Promise<(frame: object) => Promise<void>> {
    this.#count += 1;
    const connectionId = `socket-${this.#count}`;
    this.#open.set(connectionId, hear);
    await this.#call(connectionId, '$connect', { headers: { Authorization: `Bearer ${token}` } });
    return async (frame) => {
      this.#paid({ messages: 1 });
      await this.#call(connectionId, '$default', { body: JSON.stringify(frame) });
    };
  }

  #call(connectionId: string, routeKey: string, over: object): Promise<unknown> {
    const requestContext = { routeKey, connectionId, requestId: `${connectionId}-${this.#timeline.now}` };
    const event = { isBase64Encoded: false, requestContext, ...over };
    return asNobody(() => this.#functions.invoke('realtime', event, `realtime ${routeKey}`));
  }
}
