import { POSTS_A_SECOND } from './flush.ts';

/**
 * The viewers of a topic stand on a circle of so many places, each at one that its connection's id is hashed to. So
 * parts of equal size hold about equally many, and the first few of them show how many there are in all.
 */
export const PLACES = 2 ** 32;

/** The part of a topic's viewers that stands from place `from` on, up to and without `until`. */
export interface Slice {
  readonly from: number;
  readonly until: number;
}

export const EVERYBODY: Slice = { from: 0, until: PLACES };

/** Workers that post at the same time, and what each of them may: together the cap. */
export const WORKERS = 10;
export const WORKER_POSTS_A_SECOND = POSTS_A_SECOND / WORKERS;

/** So many are looked at to say how many there are: the estimate is then off by a sixteenth (standard deviation). */
export const SAMPLE = 256;
/** A slice of fewer is not worth a worker of its own; one of more would keep a worker for too long. */
const FEW = 25;
const ENOUGH = 1000;

/** How many stand on the whole circle, where the first `count` of them stand up to `lastPlace`. */
export function estimatedViewers(count: number, lastPlace: number): number {
  return Math.round(((count - 1) * PLACES) / (lastPlace + 1));
}

/** Slices for about so many viewers, one for each worker, or more where that would be too much for one. */
export function slicesFor(viewers: number): readonly Slice[] {
  const count = Math.max(1, Math.min(WORKERS, Math.ceil(viewers / FEW)), Math.ceil(viewers / ENOUGH));
  const edge = (i: number) => Math.round((i * PLACES) / count);
  return Array.from({ length: count }, (_, i) => ({ from: edge(i), until: edge(i + 1) }));
}
