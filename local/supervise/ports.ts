import { createServer } from 'node:net';
import { StartFailure } from '../failure.ts';
import { isNodeError } from './signals.ts';

/** Loopback only: nothing that npm start opens can be reached from another machine. */
export const LOOPBACK = '127.0.0.1';

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return tryPort(0);
}

/** The port used last time, so that addresses stay the same across restarts, or another where it is taken. */
export async function preferPort(port: number | undefined): Promise<number> {
  if (port === undefined) return freePort();
  try {
    return await tryPort(port);
  } catch {
    return freePort();
  }
}

/** The port that a person asked for, or one sentence saying why they can't have it. */
export async function demandPort(port: number): Promise<number> {
  try {
    return await tryPort(port);
  } catch (cause) {
    const why =
      isNodeError(cause) && cause.code === 'EACCES' ? 'needs more rights' : 'is taken by another program';
    throw new StartFailure(`Port ${port} ${why}; choose another with --port.`, { cause });
  }
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string')
          reject(new StartFailure('Loopback has no ports.'));
        else resolve(address.port);
      });
    });
  });
}
