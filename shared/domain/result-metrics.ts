import type { Deployment } from './records.ts';

/** What a deployment came to in numbers, for the span of its settlement; what is not known is left out. */
export function resultMetrics(ended: Deployment): Readonly<Record<string, number | string>> {
  const { artifact, cost, stages } = ended;
  const error = 'error' in ended ? ended.error : undefined;
  return {
    ...('durationSeconds' in ended ? { durationSeconds: ended.durationSeconds } : {}),
    ...(artifact === undefined ? {} : { artifactBytes: artifact.size, artifactFiles: artifact.files }),
    ...(error === undefined ? {} : { errorCode: error.code }),
    attempts: stages.reduce((sum, { attempts }) => sum + attempts, 0),
    ...cost,
  };
}
