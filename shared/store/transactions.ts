import {
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { backOff, CONFLICT_ATTEMPTS, conditionFailed, tooBusy } from './conflicts.ts';
import type { StoreContext } from './context.ts';
import { CAPACITY, encode, encodeCondition, tableName, type Write } from './expressions.ts';

/**
 * Writes all or nothing. A conflict with another transaction is not the caller's: it is tried again with jitter.
 * `token` makes a repeat of the very same transaction a no-op for ten minutes (at most 36 characters).
 */
export async function transact(ctx: StoreContext, writes: readonly Write[], token?: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ctx.client.send(
        new TransactWriteItemsCommand({
          TransactItems: writes.map((write) => encodeWrite(ctx, write)),
          ClientRequestToken: token,
          ReturnConsumedCapacity: CAPACITY,
        }),
      );
      return;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const failed = reasons.flatMap((reason, i) => (reason.Code === 'ConditionalCheckFailed' ? [i] : []));
      if (failed.length > 0) throw conditionFailed(failed, reasons, error);
      if (attempt >= CONFLICT_ATTEMPTS) throw tooBusy(error);
      await backOff(ctx, attempt);
    }
  }
}

function encodeWrite(ctx: StoreContext, write: Write): TransactWriteItem {
  const TableName = tableName(ctx, write.table);
  const old = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if ('put' in write) {
    return { Put: { TableName, Item: encode(write.put), ...encodeCondition(write.condition), ...old } };
  }
  if ('key' in write) {
    return {
      Update: {
        TableName,
        Key: encode({ ...write.key }),
        UpdateExpression: write.update.update,
        ...encodeCondition(write.update),
        ...old,
      },
    };
  }
  if ('deleteKey' in write) {
    return {
      Delete: { TableName, Key: encode({ ...write.deleteKey }), ...encodeCondition(write.condition), ...old },
    };
  }
  return {
    ConditionCheck: {
      TableName,
      Key: encode({ ...write.checkKey }),
      ...encodeCondition(write.condition),
      ...old,
    },
  };
}
