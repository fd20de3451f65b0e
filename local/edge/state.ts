import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';

const port = z.int().min(1).max(65_535);
const stateSchema = z.strictObject({
  v: z.literal(1),
  /** In the path of the admin address; whoever knows it may open ports. */
  token: z.string().min(32),
  adminPort: port.optional(),
  /** Port by `<projectId>/<environment>`. */
  ports: z.record(z.string(), port),
});
export type EdgeState = z.infer<typeof stateSchema>;

const fresh = (): EdgeState => ({ v: 1, token: randomBytes(24).toString('base64url'), ports: {} });

/** What the edge server keeps across restarts, so that addresses stay. A file that is not ours is replaced. */
export async function readState(file: string): Promise<EdgeState> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return fresh();
  }
}

/** Written beside and renamed, so that a crash leaves the old or the new state. */
export async function writeState(file: string, state: EdgeState): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.new`;
  await writeFile(beside, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  await rename(beside, file);
}
