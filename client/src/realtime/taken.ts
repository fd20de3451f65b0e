import { FELL_BEHIND } from '../../../shared/contracts/frame-codes.ts';
import { SlipwayFailure } from '../failure.ts';
import type { Frame } from '../shapes/frames.ts';
import type { Heard } from './cursor.ts';
import type { Hearing, Sign } from './hearing.ts';

/** Takes a frame, whatever way it came, and says what to do for what it did not bring. */
export function* taken(hearing: Hearing, frame: Frame): Generator<Sign, Heard['next']> {
  const { cursor } = hearing;
  if (isForgotten(frame, hearing.topic)) return 'ask-again';
  switch (frame.type) {
    case 'subscribed':
      cursor.subscribed(frame.data.head);
      return 'go-on';
    case 'log': {
      const heard = cursor.frame(frame.data);
      yield* hearing.lines(heard.lines);
      return heard.next;
    }
    case 'status':
      yield* hearing.status(frame.data);
      return 'go-on';
    case 'end':
      return cursor.ended(frame.data).next;
    case 'pong': {
      const known = frame.data.heads.find(({ topic }) => topic === hearing.topic);
      if (known !== undefined) cursor.goesTo(known.head, known.ended);
      return 'go-on';
    }
    case 'error':
      throw refusedBy(frame.data);
  }
}

/** It was too slow for a frame, or is not listed among what this socket hears: it has to subscribe again. */
export const isForgotten = (frame: Frame, topic: string): boolean =>
  frame.type === 'error'
    ? frame.data.code === FELL_BEHIND
    : frame.type === 'pong' && !frame.data.heads.some((head) => head.topic === topic);

/** This way is of no use any more; whether the service means that for good, the code says. */
export function refusedBy({ message, code }: Extract<Frame, { type: 'error' }>['data']): SlipwayFailure {
  // A socket that is not known any more says this of itself; whether the token is good, the next ticket says.
  if (code === 'UNAUTHENTICATED') return new SlipwayFailure('unreachable', message);
  // Frames have the codes of refusals.
  return new SlipwayFailure('refused', message, { code: code as NonNullable<SlipwayFailure['code']> });
}
