import type { CustomRequest } from '../../contracts/custom-target.ts';
import type { Observed } from '../target.ts';
import { type CallDependencies, type CustomServer, callCustomServer } from './call.ts';

type LogsRequest = Extract<CustomRequest, { action: 'logs' }>;

/** A server that is ahead of us by more is read on at the next look. */
const MAX_PAGES = 20;

/** The lines after the cursor, page by page, and where to go on: the same place where there was nothing new. */
export async function newLines(
  deps: CallDependencies,
  server: CustomServer,
  about: Omit<LogsRequest, 'action' | 'cursor'>,
  from: string | undefined,
): Promise<Pick<Observed, 'lines' | 'cursor'>> {
  const lines: Observed['lines'][number][] = [];
  let cursor = from;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await callCustomServer(deps, server, {
      action: 'logs',
      ...about,
      ...(cursor === undefined ? {} : { cursor }),
    });
    lines.push(...answer.lines.map((line) => ({ ...line, at: Date.parse(line.at) })));
    cursor = answer.cursor ?? cursor;
    if (answer.more !== true) break;
  }
  return { lines, cursor };
}
