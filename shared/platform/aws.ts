/**
 * Deadlines of every AWS call (ms). One place, because rule 4 counts on them: a call that changes
 * a target can be on the wire no longer than `requestTimeout` times the attempts.
 */
export const AWS_CALL = { connectionTimeout: 2000, requestTimeout: 10_000, maxAttempts: 3 } as const;

/** Options for the constructor of any SDK client. Endpoint and region come from the environment as the SDK reads it. */
export function clientOptions(requestTimeout: number = AWS_CALL.requestTimeout) {
  return {
    maxAttempts: AWS_CALL.maxAttempts,
    // Without the last one the SDK only writes a warning and waits on.
    requestHandler: {
      connectionTimeout: AWS_CALL.connectionTimeout,
      requestTimeout,
      throwOnRequestTimeout: true,
    },
  };
}
