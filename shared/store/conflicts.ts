import {
  type AttributeValue,
  ConditionalCheckFailedException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { PlatformUnavailable } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import type { StoreContext } from './context.ts';
import type { Item } from './expressions.ts';

/** A conflicting write is tried again this often before the service is said to be busy. */
export const CONFLICT_ATTEMPTS = 8;

/** A single write that meets a transaction on its way is refused as well; it waits like a transaction does. */
export async function retried<T>(ctx: StoreContext, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        throw conditionFailed([0], [error], error);
      }
      if (!(error instanceof TransactionConflictException)) throw error;
      if (attempt >= CONFLICT_ATTEMPTS) throw tooBusy(error);
      await backOff(ctx, attempt);
    }
  }
}

/** Which writes of a transaction were refused by their conditions, and what stood there. */
export function conditionFailed(
  failed: readonly number[],
  reasons: readonly { Item?: Record<string, AttributeValue> | undefined }[],
  cause: unknown,
): ConditionFailed {
  const items: Record<number, Item> = {};
  for (const i of failed) {
    const item = reasons[i]?.Item;
    if (item !== undefined && Object.keys(item).length > 0) items[i] = unmarshall(item);
  }
  // The cause is for the log, which is not the place for what an item holds.
  for (const reason of reasons) delete reason.Item;
  return new ConditionFailed(failed, items, { cause });
}

export const backOff = (ctx: StoreContext, attempt: number) =>
  ctx.clock.sleep(20 * 2 ** attempt * (0.5 + ctx.random.unit() / 2));

export const tooBusy = (cause: unknown) =>
  new PlatformUnavailable('DynamoDB kept refusing a write because of concurrent ones.', {
    cause,
    suggestion: 'Try again in a few seconds.',
  });
