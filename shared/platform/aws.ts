import { count } from './account.ts';
import { unitsOfCall } from './aws-calls.ts';

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

/** The part of a client that the counting needs. */
interface Stack {
  add(middleware: Middleware, options: { readonly step: 'initialize'; readonly name: string }): void;
}
type Next = (args: { readonly input: object }) => Promise<{ readonly output: object }>;
type Middleware = (next: Next, context: { readonly commandName?: string | undefined }) => Next;

/** A client whose calls are counted on the account of whoever makes them. Every client of the service is one. */
export function metered<C extends { readonly middlewareStack: object }>(client: C): C {
  const middleware: Middleware =
    (next, { commandName = '' }) =>
    (args) =>
      counted(
        commandName.replace(/Command$/, ''),
        args.input,
        () => next(args),
        ({ output }) => output,
      );
  // Each client's stack is typed for its own commands; this one looks at what all have.
  (client.middlewareStack as Stack).add(middleware, { step: 'initialize', name: 'metered' });
  return client;
}

/** Makes a call and counts what it took, whatever came of it. */
export async function counted<T>(
  operation: string,
  input: object,
  call: () => Promise<T>,
  outputOf: (answer: T) => unknown = (answer) => answer,
): Promise<T> {
  try {
    const answer = await call();
    count(unitsOfCall(operation, input, outputOf(answer)));
    return answer;
  } catch (error) {
    count(unitsOfCall(operation, input, error));
    throw error;
  }
}
