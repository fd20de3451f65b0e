import type { ProjectRow } from '../../../shared/contracts/projects.ts';
import { unwrap } from '../result.ts';
import { Slipway } from '../slipway.ts';
import { connection } from './config.ts';
import { CommandEnd, EXIT } from './exit.ts';
import type { Terminal } from './output.ts';

/** What a command gets: where to print, what to call, when to stop. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  now(): number;
}

export async function client(context: CommandContext): Promise<Slipway> {
  const { url, token } = await connection(context.env, context.cwd);
  return new Slipway({ url, token });
}

/** A project by its id or by its name. */
export async function projectNamed(
  slipway: Slipway,
  idOrName: string,
  signal: AbortSignal,
): Promise<Pick<ProjectRow, 'id' | 'name'>> {
  if (/^prj_[0-9A-HJKMNP-TV-Z]{26}$/.test(idOrName))
    return unwrap(await slipway.projects.get(idOrName, { signal }));
  const found = unwrap(await slipway.projects.named(idOrName, { signal }));
  if (found !== undefined) return found;
  throw new CommandEnd(
    EXIT.refused,
    `There is no project ${idOrName} that this token may see. "slipway projects" lists them.`,
  );
}

/** The environment that was named, or the project's default one. */
export async function environmentNamed(
  slipway: Slipway,
  projectId: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (name !== undefined) return name;
  const { items } = unwrap(await slipway.environments.list(projectId, { signal }));
  const chosen =
    items.find((environment) => environment.isDefault) ?? (items.length === 1 ? items[0] : undefined);
  if (chosen !== undefined) return chosen.name;
  throw new CommandEnd(EXIT.usage, 'The project has no default environment. Name one with --env.');
}
