import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LogLine } from '../../../../shared/domain/log.ts';
import type { StoreContext } from '../../../../shared/store/context.ts';
import { queryPage } from '../../../../shared/store/engine.ts';
import { fromChunkItem, type LogChunk } from '../../../../shared/store/log-chunk.ts';
import { chainHash, hex } from '../../../../shared/store/log-hash.ts';
import { DEPLOYMENT } from './lines.ts';

export async function allChunks(ctx: StoreContext, deploymentId = DEPLOYMENT): Promise<LogChunk[]> {
  const chunks: LogChunk[] = [];
  let after: Readonly<Record<string, unknown>> | undefined;
  do {
    const page = await queryPage(ctx, {
      table: 'live',
      where: { expression: 'pk = :pk', values: { ':pk': `LOG#${deploymentId}` } },
      consistent: true,
      after,
    });
    chunks.push(...page.items.map(fromChunkItem));
    after = page.next;
  } while (after !== undefined);
  return chunks;
}

/** Every stored line, after checking that the chain has no hole and that every chunk's hash is that of its lines. */
export async function allLines(ctx: StoreContext, deploymentId = DEPLOYMENT): Promise<LogLine[]> {
  let hash: Uint8Array = new Uint8Array(32);
  const lines: LogLine[] = [];
  for (const [i, chunk] of (await allChunks(ctx, deploymentId)).entries()) {
    if (chunk.chunk !== i + 1 || chunk.first !== lines.length + 1) throw new Error('the chain has a hole');
    const own = chunk.read();
    hash = chainHash(hash, own);
    if (hex(hash) !== hex(chunk.hash)) throw new Error(`chunk ${chunk.chunk} has the wrong hash`);
    lines.push(...own);
  }
  return lines;
}

/** What happens to a call of the database: it works, it never leaves, or it works and its answer is lost. */
export type Fate = 'go-on' | 'die' | 'lose-answer';

/** The same store through a client whose calls meet the fate that is chosen for them. */
export function sabotaged<C extends StoreContext>(ctx: C, fate: (command: string) => Fate): C {
  const send = async (...args: Parameters<DynamoDBClient['send']>) => {
    const chosen = fate(args[0].constructor.name);
    if (chosen === 'die') throw new Error('died');
    const answer = await ctx.client.send(...args);
    if (chosen === 'lose-answer') throw new Error('answer lost');
    return answer;
  };
  const client = new Proxy(ctx.client, {
    get: (target, key) => (key === 'send' ? send : Reflect.get(target, key, target)),
  });
  return { ...ctx, client };
}
