import { FELL_BEHIND } from '../contracts/frame-codes.ts';
import { removeConnection } from '../store/connections.ts';
import type { StoreContext } from '../store/context.ts';
import { fallBehind, type Viewer } from '../store/subscriptions.ts';
import { frameText } from './frames.ts';
import type { Posted, Poster } from './poster.ts';

/** What it takes to reach sockets. */
export interface Sockets {
  readonly store: StoreContext;
  readonly poster: Poster;
  /** Waited for before each post, by whoever may post only so many in a second. */
  readonly turn?: (() => Promise<void>) | undefined;
}

/** How long one socket may take for what it is sent at one time (ms). */
const SOCKET_MS = 1200;
/** The word to one that took longer (ms). */
const LAST_WORD_MS = 300;

/** Posts frames to one socket, in order; stops at the first that does not arrive. True where all did. */
export async function postFrames(
  sockets: Sockets,
  topic: string | undefined,
  connectionId: string,
  frames: readonly string[],
): Promise<boolean> {
  return (await postInOrder(sockets, topic, connectionId, frames, SOCKET_MS * frames.length)) === 'sent';
}

/**
 * Posts live frames to a viewer. One that does not take them in time, or refuses them, is not tried again with each
 * frame that follows, at everybody's cost: it is told so, and hears nothing more until it subscribes from its cursor.
 */
export async function showTo(
  sockets: Sockets,
  topic: string,
  viewer: Viewer,
  frames: readonly string[],
): Promise<Posted> {
  const posted = await postInOrder(sockets, topic, viewer.connectionId, frames, SOCKET_MS);
  if (posted === 'failed') await leaveBehind(sockets, topic, viewer);
  return posted;
}

async function leaveBehind(sockets: Sockets, topic: string, viewer: Viewer): Promise<void> {
  if (!(await fallBehind(sockets.store, viewer, topic))) return;
  const notice = frameText('error', topic, BEHIND, sockets.store.clock.now());
  await postInOrder(sockets, topic, viewer.connectionId, [notice], LAST_WORD_MS);
}

const BEHIND = {
  code: FELL_BEHIND,
  message: 'This socket did not take a frame in time. Subscribe again from the last line that you have.',
} as const;

/** @param withinMs for all of them together, waiting for a turn apart */
async function postInOrder(
  sockets: Sockets,
  topic: string | undefined,
  connectionId: string,
  frames: readonly string[],
  withinMs: number,
): Promise<Posted> {
  const { clock } = sockets.store;
  let left = withinMs;
  for (const frame of frames) {
    await sockets.turn?.();
    const began = clock.now();
    if (left <= 0) return 'failed';
    const posted = await sockets.poster.post(connectionId, frame, left);
    left -= clock.now() - began;
    if (posted === 'gone') await removeConnection(sockets.store, connectionId, topic);
    if (posted !== 'sent') return posted;
  }
  return 'sent';
}
