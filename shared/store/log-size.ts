import type { LogLimits } from '../domain/log-limits.ts';
import type { StoreContext } from './context.ts';
import { readTail } from './log-ends.ts';

/** True where a log has more than that, or has its end no more, so that only its archive could tell. */
export async function exceeds(
  ctx: StoreContext,
  deploymentId: string,
  isClosed: boolean,
  limits: LogLimits,
): Promise<boolean> {
  const { lines, bytes, ended } = await readTail(ctx, deploymentId);
  return lines > limits.lines || bytes > limits.bytes || (isClosed && !ended);
}
