import type { Check } from '../shape.ts';
import { type Frame, frameOf } from '../shapes/frames.ts';
import { now, pause } from '../time.ts';
import type { Hearing, Sign } from './hearing.ts';
import { ALIVE, type Ending } from './listen.ts';
import type { Pace } from './pace.ts';
import { taken } from './taken.ts';

/** A slice takes 25 s at the most; one that takes so long never comes (ms). */
const SLICE_MS = 40_000;

interface Slice {
  readonly frames: readonly Frame[];
  /** Where the next slice goes on. */
  readonly lastId: string | undefined;
}

/** Asks for slice after slice of Server-Sent Events: each ends with its first events, which are the frames of sockets. */
export async function* overSlices(hearing: Hearing, until: number, pace: Pace): AsyncGenerator<Sign, Ending> {
  const { cursor, path } = hearing;
  const { level, step, source } = hearing.options;
  for (let lastId: string | undefined; ; ) {
    if (yield* hearing.isComplete()) return 'done';
    const askedAt = now();
    const slice: Slice | undefined = await hearing.get({
      path: `${path}/events`,
      query: { after: cursor.at, level, step, source },
      headers: {
        accept: 'text/event-stream',
        ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
      },
      read: sliceOf,
      answer: ANY_SLICE,
      timeoutMs: SLICE_MS,
    });
    yield ALIVE;
    lastId = slice?.lastId ?? lastId;
    for (const frame of slice?.frames ?? []) {
      if ((yield* taken(hearing, frame)) === 'go-on') continue;
      yield* hearing.stored();
      break;
    }
    if (now() >= until) return 'time';
    // What comes meanwhile is in the next one: a build that somebody watches has something to say four times a second.
    const restMs = askedAt + pace.sliceMs - now();
    if (restMs > 0 && cursor.end === undefined) await pause(restMs, hearing.signal);
  }
}

/** Each frame was checked where it was read; absent: there is nothing (more) to tell. */
const ANY_SLICE: Check<Slice | undefined> = () => undefined;

/** The parts of the format that the service uses: `id`, `data` on one line, an empty line behind each event. */
function sliceOf(text: string): Slice {
  const valuesOf = (field: string) =>
    text.split('\n').flatMap((line) => (line.startsWith(`${field}: `) ? [line.slice(field.length + 2)] : []));
  const frames = valuesOf('data').flatMap((data) => frameOf(data) ?? []);
  return { frames, lastId: valuesOf('id').at(-1) };
}
