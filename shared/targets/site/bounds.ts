/** Files in flight at once, and how much of them may be in memory (a Lambda of 1 GB holds both buckets' sockets too). */
const MAX_IN_FLIGHT = 16;
const MAX_BYTES_IN_FLIGHT = 96 * 1024 * 1024;

export interface Weighted {
  readonly size: number;
}

/** Runs `work` on each item, several at once but never more than the limits; the first failure ends it. */
export async function withBounds<T extends Weighted>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  limits: { readonly count: number; readonly bytes: number } = {
    count: MAX_IN_FLIGHT,
    bytes: MAX_BYTES_IN_FLIGHT,
  },
): Promise<void> {
  const running = new Set<Promise<void>>();
  let bytes = 0;
  let failure: { readonly error: unknown } | undefined;
  for (const item of items) {
    while (running.size > 0 && (running.size >= limits.count || bytes + item.size > limits.bytes)) {
      await Promise.race(running);
    }
    if (failure !== undefined) break;
    bytes += item.size;
    const one = work(item)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        bytes -= item.size;
        running.delete(one);
      });
    running.add(one);
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure.error;
}
