import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `.slipway/local.json` says while npm start runs; the CLI uses it when nothing else is configured. */
export interface Running {
  /** Base of the API, without `/v1`. */
  readonly url: string;
  readonly websocketUrl: string;
  /** Where the edge server is administered; sites have addresses of their own. */
  readonly edgeUrl: string;
  /** An admin's token, so the file is for its owner alone (mode 600). */
  readonly token: string;
  readonly pid: number;
}

export const runningFile = (home: string) => join(home, 'local.json');

/** Written whole or not at all: somebody may read it at any moment. */
export async function publishRunning(home: string, running: Running): Promise<void> {
  const draft = `${runningFile(home)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(running, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, runningFile(home));
}

export async function withdrawRunning(home: string): Promise<void> {
  await rm(runningFile(home), { force: true });
}
