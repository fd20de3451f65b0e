import { setTimeout as sleep } from 'node:timers/promises';

/** Whether an emulator answers at this address (ministack's and LocalStack's own path is the same). */
export async function answers(endpoint: string, timeoutMs = 2_000): Promise<boolean> {
  try {
    const response = await fetch(`${endpoint}/_localstack/health`, {
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Waits until it answers; false where `timeoutMs` passed or `gaveUp` turned true before. */
export async function untilAnswers(
  endpoint: string,
  timeoutMs: number,
  gaveUp: () => boolean,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && !gaveUp()) {
    if (await answers(endpoint)) return true;
    await sleep(50);
  }
  return false;
}
