import { WebSocket } from 'ws';
import { type ClientFrame, type ServerFrame, serverFrame } from '../../shared/contracts/realtime.ts';

/** A socket as a test drives it: every frame is kept with the moment (ms) at which it came. */
export interface SocketClient {
  readonly frames: readonly { readonly at: number; readonly frame: ServerFrame }[];
  /** Text is sent as it is. */
  send(frame: ClientFrame | string): void;
  /** The first frame, from now or before, that the test is looking for; fails after 60 s. */
  until(wanted: (frame: ServerFrame) => boolean): Promise<ServerFrame>;
  close(): void;
}

const PATIENCE_MS = 60_000;

/** Opens a socket; rejects where the service refuses it. */
export async function openSocket(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<SocketClient> {
  const socket = new WebSocket(url, { headers: { ...headers } });
  const frames: { at: number; frame: ServerFrame }[] = [];
  let look = () => {};
  socket.on('message', (data) => {
    frames.push({ at: Date.now(), frame: serverFrame.parse(JSON.parse(String(data))) });
    look();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => reject(new Error(`refused: ${response.statusCode}`)));
  });
  return {
    frames,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('The frame did not come.')), PATIENCE_MS);
        look = () => {
          const found = frames.find(({ frame }) => wanted(frame));
          if (found === undefined) return;
          clearTimeout(timer);
          resolve(found.frame);
        };
        look();
      }),
    close: () => socket.close(),
  };
}
