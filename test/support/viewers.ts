import type { FanOutMessage } from '../../shared/contracts/fan-out.ts';
import { type ServerFrame, serverFrame } from '../../shared/contracts/realtime.ts';
import { EVERYBODY } from '../../shared/domain/audience.ts';
import type { FanOut } from '../../shared/platform/fan-out.ts';
import type { Posted, Poster } from '../../shared/platform/poster.ts';
import type { Publisher } from '../../shared/platform/sockets.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { type Viewer, viewersIn } from '../../shared/store/subscriptions.ts';

/** What happens to a frame on its way to a socket. */
export type Delivery = Posted | 'lost';

export interface Viewers extends Poster {
  /** Frames that reached the socket, parsed by the public schema. */
  frames(connectionId: string): ServerFrame[];
  /** Decides about every post from now on; `lost` looks sent to the sender. */
  deliver(decide: (connectionId: string, frame: ServerFrame) => Delivery): void;
  posts: number;
}

/** Sockets without a network: what API Gateway does with a post, and what a bad line does to it. */
export function viewers(): Viewers {
  const received = new Map<string, ServerFrame[]>();
  let decide: (connectionId: string, frame: ServerFrame) => Delivery = () => 'sent';
  const self: Viewers = {
    posts: 0,
    frames: (connectionId) => received.get(connectionId) ?? [],
    deliver: (next) => {
      decide = next;
    },
    post: async (connectionId, data) => {
      self.posts += 1;
      const frame = serverFrame.parse(JSON.parse(data));
      const outcome = decide(connectionId, frame);
      if (outcome === 'lost') return 'sent';
      if (outcome === 'sent') received.set(connectionId, [...self.frames(connectionId), frame]);
      return outcome;
    },
  };
  return self;
}

/** The lines of the log frames that a socket got, in the order in which they came. */
export const linesOf = (frames: readonly ServerFrame[]) =>
  frames.flatMap((frame) => (frame.type === 'log' ? frame.data.lines : []));

/** All who watch a topic. */
export async function viewersOf(store: StoreContext, topic: string): Promise<Viewer[]> {
  const found: Viewer[] = [];
  for await (const viewer of viewersIn(store, topic, EVERYBODY)) found.push(viewer);
  return found;
}

/** A queue that nobody works on: what was left for workers stays in it. */
export function leftForWorkers(): FanOut & { readonly messages: FanOutMessage[] } {
  const messages: FanOutMessage[] = [];
  return { messages, send: async (more) => void messages.push(...more) };
}

/** Reaches everybody and has nobody to reach: for tests that are about something else. */
export const nobodyWatches: Pick<Publisher, 'poster' | 'fanOut'> = {
  poster: { post: async () => 'sent' },
  fanOut: leftForWorkers(),
};
