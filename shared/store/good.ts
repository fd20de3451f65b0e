import { contentKeyOf } from '../domain/blocked.ts';
import type { Deployment, Good } from '../domain/records.ts';
import type { StoreContext } from './context.ts';
import { type Condition, getItem, type Item, type Write } from './engine.ts';
import { goodKey } from './keys.ts';

/** That this content succeeded in this environment, read strongly; undefined where it never has. */
export async function getGood(
  ctx: StoreContext,
  projectId: string,
  environment: string,
  key: string,
): Promise<Good | undefined> {
  const item = await getItem(ctx, goodKey(projectId, environment, key));
  return item === undefined ? undefined : goodFrom(item);
}

/**
 * For the settling transaction: what ended well in an environment may be promoted from it, whatever comes after it.
 * One small item for each content; undefined where nothing is to be noted.
 */
export function goodNoted(ended: Deployment): Write | undefined {
  const { id: deploymentId, projectId, environment, versionId, source, updatedAt: at } = ended;
  const key = contentKeyOf(source);
  if (ended.status !== 'succeeded' || key === undefined) return undefined;
  const good: Good = { projectId, environment, key, deploymentId, versionId, at };
  return { put: goodItem(good), condition: notNotedBy(deploymentId) };
}

/** A deployment succeeds once. */
const notNotedBy = (deploymentId: string): Condition => ({
  expression: 'attribute_not_exists(pk) OR #deploymentId <> :deploymentId',
  names: { '#deploymentId': 'deploymentId' },
  values: { ':deploymentId': deploymentId },
});

export const goodItem = (good: Good): Item => ({
  ...goodKey(good.projectId, good.environment, good.key),
  kind: 'good',
  v: 1,
  ...good,
});

export function goodFrom(item: Item): Good {
  const { pk: _pk, sk: _sk, kind: _kind, v: _v, ...good } = item;
  // Only goodItem writes these items, from a Good.
  return good as unknown as Good;
}
