import type { ClientFrame } from '../../../shared/contracts/realtime.ts';
import { SlipwayFailure } from '../failure.ts';
import { unwrap } from '../result.ts';
import { type Frame, frameOf } from '../shapes/frames.ts';
import { ticketView } from '../shapes/tickets.ts';
import { aborted, now } from '../time.ts';
import { call, type TransportOptions } from '../transport.ts';
import { Inbox } from './inbox.ts';
import type { Pace } from './pace.ts';

export interface Socket {
  send(frame: ClientFrame): void;
  /** Frames in the order they came, and `tick` where there were none for a while; ends when the socket does. */
  frames(): AsyncGenerator<Frame | 'tick'>;
  close(): void;
}

/**
 * Opens a socket with a one-use ticket. While it is open it is pinged where it is silent, and closed where no pong
 * comes: half of a socket that is gone looks like one on which nothing happens.
 */
export async function openSocket(
  transport: TransportOptions,
  pace: Pace,
  signal?: AbortSignal,
): Promise<Socket> {
  const { ticket, url } = unwrap(
    await call(transport, {
      method: 'POST',
      path: '/realtime/tickets',
      body: {},
      answer: ticketView,
      attempts: 1,
      timeoutMs: pace.openMs,
      signal,
    }),
  );
  const open = transport.WebSocket ?? WebSocket;
  const socket = new open(`${url}?ticket=${encodeURIComponent(ticket ?? '')}`);
  const inbox = new Inbox<Frame>(pace.tickMs);
  const heartbeat = new Heartbeat(pace);
  socket.addEventListener('message', ({ data }) => {
    const frame = frameOf(data);
    heartbeat.heard(frame?.type);
    // One that is read slower than it talks is left; the next goes on where the reader is.
    if (frame !== undefined && !inbox.put(frame)) close();
  });
  socket.addEventListener('close', () => close());
  const beating = setInterval(() => {
    const due = heartbeat.due();
    if (due === 'ping') socket.send('{"action":"ping"}');
    if (due === 'dead') close();
  }, pace.tickMs);
  const close = () => {
    clearInterval(beating);
    signal?.removeEventListener('abort', close);
    inbox.end();
    socket.close();
  };
  signal?.addEventListener('abort', close);
  try {
    await opened(socket, pace.openMs, signal);
  } catch (cause) {
    close();
    throw cause;
  }
  return { send: (frame) => socket.send(JSON.stringify(frame)), frames: () => inbox.items(), close };
}

function opened(socket: WebSocket, openMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(), openMs);
    const fail = () => {
      clearTimeout(timer);
      reject(
        signal?.aborted === true ? aborted(signal) : new SlipwayFailure('unreachable', 'No socket opened.'),
      );
    };
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve();
    });
    // Also of one that was closed because the signal fired.
    socket.addEventListener('error', fail);
    socket.addEventListener('close', fail);
    signal?.addEventListener('abort', fail, { once: true });
    if (signal?.aborted === true) fail();
  });
}

/** Decides when a socket is to be pinged, and when it is dead. */
class Heartbeat {
  readonly #pace: Pace;
  #heardAt = now();
  #pingedAt: number | undefined;
  /** Nothing but pongs came since this socket was last silent for long. */
  #idle = false;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  heard(type: Frame['type'] | undefined): void {
    this.#heardAt = now();
    this.#pingedAt = undefined;
    this.#idle = type === 'pong';
  }

  due(): 'nothing' | 'ping' | 'dead' {
    const { quietMs, pingMs, pongMs } = this.#pace;
    const at = now();
    if (this.#pingedAt !== undefined) return at - this.#pingedAt >= pongMs ? 'dead' : 'nothing';
    if (at - this.#heardAt < (this.#idle ? pingMs : quietMs)) return 'nothing';
    this.#pingedAt = at;
    return 'ping';
  }
}
