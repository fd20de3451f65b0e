import type { LogEnd, NewLine } from '../domain/log.ts';
import type { StoreContext } from './context.ts';
import { appendLines } from './log-append.ts';
import { toEndItem } from './log-chunk.ts';
import { type AppendOptions, expiry, MOST_RACES, putNext, tailToWriteAt, tooManyRaces } from './log-ends.ts';
import { hex } from './log-hash.ts';
import { withChunk } from './log-marks.ts';

/**
 * Closes the chain: the end marker takes the next chunk's key, so that nothing can come after it. Safe to repeat;
 * the answer is always the same. Where lines were dropped, the last line says how many.
 */
export async function endLog(
  ctx: StoreContext,
  deploymentId: string,
  options: AppendOptions = {},
): Promise<LogEnd> {
  for (let races = 0; races <= MOST_RACES; races += 1) {
    const tail = await tailToWriteAt(ctx, deploymentId);
    if (tail.ended) return { lines: tail.lines, hash: hex(tail.hash) };
    if (tail.dropped > 0 && tail.offsets[END_PRODUCER] === undefined) {
      await appendLines(ctx, deploymentId, END_PRODUCER, 0, [droppedLine(ctx, tail.dropped)], options);
      continue;
    }
    const chunk = tail.chunk + 1;
    const end = { ...tail, chunk, ended: true, marks: withChunk(tail.marks, chunk, tail.lines + 1) };
    const winner = await putNext(ctx, toEndItem(deploymentId, end, END_PRODUCER, expiry(ctx, end, options)));
    if (winner === undefined) {
      options.tails?.set(deploymentId, end);
      return { lines: end.lines, hash: hex(end.hash) };
    }
  }
  throw tooManyRaces(deploymentId);
}

const END_PRODUCER = 'end';

const droppedLine = (ctx: StoreContext, dropped: number): NewLine => ({
  at: ctx.clock.now(),
  level: 'warn',
  step: 'log',
  source: 'system',
  message: `${dropped} lines were counted and not kept, because the log was full.`,
});
