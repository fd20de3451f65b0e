import type { Hearing, Sign } from './hearing.ts';
import { ALIVE, type Ending } from './listen.ts';
import type { Pace } from './pace.ts';
import { openSocket, type Socket } from './socket.ts';
import { taken } from './taken.ts';

/** Subscribes from the cursor, and again from there where something was lost. */
export async function* overSocket(hearing: Hearing, pace: Pace): AsyncGenerator<Sign, Ending> {
  if (yield* hearing.isComplete()) return 'done';
  const socket = await openSocket(hearing.transport, pace, hearing.signal);
  try {
    subscribe(hearing, socket);
    for await (const frame of socket.frames()) {
      if (frame !== 'tick') yield ALIVE;
      const next = frame === 'tick' ? hearing.cursor.overdue() : yield* taken(hearing, frame);
      if (next === 'ask-again') subscribe(hearing, socket);
      if (next === 'read') yield* hearing.stored();
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
