import * as z from 'zod/mini';
import { type ClientFrame, type ServerFrame, serverFrame } from '../../../shared/contracts/realtime.ts';
import { unwrap } from '../result.ts';
import { tolerant } from '../tolerant.ts';
import { call, type TransportOptions } from '../transport.ts';

const frameOfService = tolerant(serverFrame);
const ticketAnswer = z.looseObject({ ticket: z.string(), url: z.string() });

/** How long opening a socket may take, and how long a socket may be silent before it is pinged. */
const OPEN_MS = 10_000;
const PING_MS = 30_000;

export interface Socket {
  send(frame: ClientFrame): void;
  /** Frames in the order they came; ends when the socket closes. */
  frames(): AsyncGenerator<ServerFrame | 'silence'>;
  close(): void;
}

/**
 * Opens a socket with a one-use ticket. `silenceMs`: `frames` reports a pause of that length,
 * so that a reader can ask whether it missed something.
 */
export async function openSocket(
  options: TransportOptions,
  silenceMs: number,
  signal?: AbortSignal,
): Promise<Socket> {
  const { ticket, url } = unwrap(
    await call(options, {
      method: 'POST',
      path: '/realtime/tickets',
      body: {},
      answer: ticketAnswer,
      signal,
    }),
  );
  const socket = new WebSocket(`${url}?ticket=${encodeURIComponent(ticket)}`);
  const inbox = new Inbox(silenceMs);
  socket.addEventListener('message', (event) => inbox.put(event.data));
  socket.addEventListener('close', () => inbox.end());
  socket.addEventListener('error', () => inbox.end());
  await opened(socket, signal);
  const ping = setInterval(
    () => socket.readyState === WebSocket.OPEN && socket.send('{"action":"ping"}'),
    PING_MS,
  );
  const close = () => {
    clearInterval(ping);
    inbox.end();
    socket.close();
  };
  signal?.addEventListener('abort', close, { once: true });
  socket.addEventListener('close', () => {
    clearInterval(ping);
    signal?.removeEventListener('abort', close);
  });
  return { send: (frame) => socket.send(JSON.stringify(frame)), frames: () => inbox.frames(), close };
}

function opened(socket: WebSocket, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => () => {
      clearTimeout(timer);
      socket.close();
      reject(new Error(why));
    };
    const timer = setTimeout(fail('The socket did not open in time.'), OPEN_MS);
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.addEventListener('error', fail('The socket was refused.'), { once: true });
    signal?.addEventListener('abort', fail('The call was aborted.'), { once: true });
  });
}

/** Frames that came and were not read yet. */
class Inbox {
  readonly #frames: ServerFrame[] = [];
  readonly #silenceMs: number;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  put(data: unknown): void {
    const frame = typeof data === 'string' ? z.safeParse(frameOfService, safeJson(data)) : undefined;
    // A frame of a newer service that this client does not know carries nothing it could use.
    if (frame?.success !== true) return;
    this.#frames.push(frame.data);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *frames(): AsyncGenerator<ServerFrame | 'silence'> {
    for (;;) {
      const next = this.#frames.shift();
      if (next !== undefined) yield next;
      else if (this.#ended) return;
      else if (await this.#silence()) yield 'silence';
    }
  }

  /** Waits for something to happen; true when nothing did. */
  #silence(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), this.#silenceMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
