import type { Stage } from '../../shared/domain/status.ts';
import type { SlipwayError } from '../../shared/errors/base.ts';
import { MAX_ATTEMPTS, withAttempts } from '../../shared/store/attempts.ts';
import type { TargetsDeps } from './deps.ts';
import type { Work } from './work.ts';

/** Makes a call of a stage, again where what failed may pass; each attempt is seen in the log and on the record. */
export function repeatedly<T>(
  deps: TargetsDeps,
  { deployment, ctx, log }: Work,
  stage: Stage,
  call: () => Promise<T>,
  mayRepeat?: (error: SlipwayError) => Promise<boolean>,
): Promise<T> {
  return withAttempts(
    deps.store,
    {
      deploymentId: deployment.id,
      stage,
      signal: ctx.signal,
      mayRepeat,
      failed: ({ message }, waitMs, attempt) => {
        const wait = `Trying again in ${(waitMs / 1000).toFixed(1)} s.`;
        log.add('warn', `Attempt ${attempt} of ${MAX_ATTEMPTS}: ${message} ${wait}`);
      },
    },
    call,
  );
}
