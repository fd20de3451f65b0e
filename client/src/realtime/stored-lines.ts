import type { LogLineView } from '../../../shared/contracts/logs.ts';
import type { TransportOptions } from '../transport.ts';
import type { DeploymentFeedOptions } from './feed.ts';
import { Hearing } from './hearing.ts';
import { ALIVE } from './listen.ts';

/** The lines that are stored now and pass. @throws SlipwayFailure where they cannot be read */
export async function* storedLines(
  transport: TransportOptions,
  deploymentId: string,
  options: DeploymentFeedOptions,
): AsyncGenerator<LogLineView> {
  const hearing = new Hearing(transport, deploymentId, options, 4);
  for await (const event of hearing.stored()) if (event !== ALIVE && event.kind === 'line') yield event.line;
}
