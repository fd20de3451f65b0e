import { type ServerFrame, serverFrame } from '../../shared/contracts/realtime.ts';
import type { Posted, Poster } from '../../shared/platform/poster.ts';

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
