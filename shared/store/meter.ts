import type { Clock } from '../platform/clock.ts';
import type { Meter, MeteredUnits } from './context.ts';

/** Counts what one invocation consumes for one deployment, its own running time included. */
export function deploymentMeter(clock: Clock): Required<Meter> {
  let units: Required<MeteredUnits> = { read: 0, write: 0, posts: 0, lambdaMs: 0 };
  let since = clock.now();
  const add = (more: MeteredUnits) => {
    units = {
      read: (units.read ?? 0) + (more.read ?? 0),
      write: (units.write ?? 0) + (more.write ?? 0),
      posts: (units.posts ?? 0) + (more.posts ?? 0),
      lambdaMs: (units.lambdaMs ?? 0) + (more.lambdaMs ?? 0),
    };
  };
  return {
    add,
    take: () => {
      const now = clock.now();
      add({ lambdaMs: now - since });
      since = now;
      const taken = units;
      units = { read: 0, write: 0, posts: 0, lambdaMs: 0 };
      return taken;
    },
  };
}
