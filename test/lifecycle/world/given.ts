import { expect } from 'vitest';
import { World } from './world.ts';

/** A world in which one deployment is live. */
export async function deployedBefore(): Promise<{ world: World; live: string }> {
  const world = await World.create();
  const live = await world.deploy();
  await world.buildWell();
  await world.ended(live);
  return { world, live };
}

/** What was live is live, in the records and at the target, and the slot is free. */
export async function expectUntouched(world: World, live: string | undefined): Promise<void> {
  expect(world.target.served).toBe(live);
  const slot = await world.slot();
  expect(slot.active).toBe(live);
  expect(slot.owner).toBeUndefined();
  if (live !== undefined) expect((await world.deployment(live)).releaseState).toBe('active');
}

/** Settled while its target cannot be read: it keeps the slot, and has ended without knowing what is served. */
export async function endsDraining(world: World, id: string): Promise<void> {
  await world.foundUnreadable(id);
  expect((await world.slot()).owner).toBe(id);
  world.advance(601);
  await world.sweep();
  expect(await world.ended(id)).toMatchObject({ status: 'timeout', draining: true });
}
