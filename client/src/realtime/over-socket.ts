import { jittered, now } from '../time.ts';
import type { Hearing, Sign } from './hearing.ts';
import { ALIVE, type Ending } from './listen.ts';
import type { Pace } from './pace.ts';
import { openSocket, type Socket } from './socket.ts';
import { taken } from './taken.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Subscribes from the cursor, reads what was lost, and subscribes again where the service says that it has to. */
export async function* overSocket(hearing: Hearing, pace: Pace): AsyncGenerator<Sign, Ending> {
  if (yield* hearing.isComplete()) return 'done';
  const { cursor } = hearing;
  const socket = await openSocket(hearing.transport, pace, hearing.signal);
  try {
    subscribe(hearing, socket);
    // Many who miss the same must not all ask for it at the same moment.
    const soon = () => now() + jittered(pace.gapMs);
    let [readAt, askAt] = [NEVER, NEVER];
    for await (const frame of socket.frames()) {
      if (frame !== 'tick') yield ALIVE;
      const next = frame === 'tick' ? cursor.overdue() : yield* taken(hearing, frame);
      if (next === 'hold') readAt = Math.min(readAt, soon());
      if (next === 'ask-again') askAt = Math.min(askAt, soon());
      if (!cursor.hasGap) readAt = NEVER;
      if (now() >= askAt) {
        subscribe(hearing, socket);
        [readAt, askAt] = [NEVER, NEVER];
      } else if (next === 'read' || now() >= readAt) {
        yield* hearing.stored();
        readAt = NEVER;
      }
      if (yield* hearing.isComplete()) return 'done';
    }
    return 'cut';
  } finally {
    socket.close();
  }
}

function subscribe({ cursor, topic, options: { level, step, source } }: Hearing, socket: Socket): void {
  cursor.asked();
  socket.send({ action: 'subscribe', topic, after: cursor.at, level, step, source });
}
