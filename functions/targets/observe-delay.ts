/** Seconds until a pending release is looked at for the first time. */
export const firstDelay = 1;
const MAX_DELAY = 30;
const GROWTH = 1.5;

/** Seconds until the look after this one: 1, 2, 2, 3, 5, ... up to 30, so that a quick platform is noticed soon. */
export function delayAfter(attempt: number): number {
  return Math.min(MAX_DELAY, Math.round(firstDelay * GROWTH ** attempt));
}
