import { execFile } from 'node:child_process';
import { chownSync, closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BuildUser } from './user.ts';

const run = promisify(execFile);
const MAKE_TIMEOUT_MS = 5_000;

/** A kernel pipe: the end a child writes to, as a descriptor, and the end that is read here. */
export interface OutputPipe {
  /** For the child's stdio; closed here (closeWriter) as soon as the child has it. */
  readonly writer: number;
  readonly reader: Socket;
  closeWriter(): void;
}

/**
 * Two real pipes. Node's own `stdio: 'pipe'` is a pair of sockets, and a socket cannot be opened again under
 * /dev/stdout or /dev/stderr: `… | tee /dev/stderr` would fail in a build that works everywhere else.
 * Node has no pipe(2), so named ones are made, opened and unlinked at once.
 * @param folder a folder that only the runner may write
 */
export async function openOutputPipes(folder: string, user?: BuildUser): Promise<[OutputPipe, OutputPipe]> {
  const paths = [join(folder, 'stdout'), join(folder, 'stderr')] as const;
  await run('mkfifo', ['-m', '600', ...paths], { timeout: MAKE_TIMEOUT_MS });
  return [open(paths[0], user), open(paths[1], user)];
}

function open(path: string, user: BuildUser | undefined): OutputPipe {
  // Whoever builds may open /dev/stderr again, which asks for the permission of the pipe itself.
  if (user !== undefined) chownSync(path, user.uid, user.gid);
  // Without O_NONBLOCK this would wait for a writer, which is opened next.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  const reader = new Socket({ fd: readEnd, readable: true, writable: false });
  let closed = false;
  return {
    writer,
    reader,
    closeWriter() {
      if (!closed) closeSync(writer);
      closed = true;
    },
  };
}
