import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { unwrap } from '../../client/src/result.ts';
import { Slipway } from '../../client/src/slipway.ts';
import { StartFailure } from '../failure.ts';

/** Tokens of this machine, kept (mode 600) from run to run so that each start doesn't leave further ones behind. */
const access = z.object({ admin: z.string(), runner: z.object({ id: z.string(), token: z.string() }) });
export type Access = z.infer<typeof access>;

/** The tokens of an earlier run where the service still knows them, else new ones. */
export async function ensureAccess(
  home: string,
  url: string,
  makeAdminToken: () => Promise<string>,
): Promise<Access> {
  const file = join(home, 'access.json');
  const kept = await readAccess(file);
  if (kept !== undefined && (await isKnown(url, kept))) return kept;

  const admin = await makeAdminToken();
  const { runners } = new Slipway({ url, token: admin });
  const { id, token } = unwrap(await runners.create({ name: `npm start on ${hostname()}` }));
  if (token === undefined) throw new StartFailure('The service made a runner and gave no token for it.');
  const made = { admin, runner: { id, token } };
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

async function readAccess(file: string): Promise<Access | undefined> {
  try {
    return access.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Unknown after --fresh, after lost state, and where somebody deleted the runner. */
async function isKnown(url: string, { admin, runner }: Access): Promise<boolean> {
  const answer = await new Slipway({ url, token: admin }).runners.list({ limit: 100 });
  if (answer.ok) return answer.value.items.some((each) => each.id === runner.id);
  if (answer.error.code === 'UNAUTHENTICATED') return false;
  throw answer.error;
}
