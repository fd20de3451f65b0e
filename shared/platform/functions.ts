import type { LambdaClient } from '@aws-sdk/client-lambda';
import { PlatformUnavailable } from '../errors/requests.ts';
import { AWS_CALL, metered } from './aws.ts';

/** Calls another function of the service. */
export interface FunctionCaller {
  /**
   * Waits for the answer, at most `seconds`. One attempt: whether a call without answer took effect is unknown.
   * @throws PlatformUnavailable where the function failed, or no answer came.
   */
  call(functionName: string, payload: unknown, seconds: number): Promise<unknown>;
  /** Hands the payload over and does not wait for the work; Lambda itself retries and keeps what fails. */
  send(functionName: string, payload: unknown): Promise<void>;
}

/** The client's code is loaded with the first call: most steps and changes make none. */
export function lambdaCaller(given?: LambdaClient): FunctionCaller {
  let loaded: ReturnType<typeof load> | undefined;
  const lambda = () => {
    loaded ??= load(given);
    return loaded;
  };
  return {
    call: async (FunctionName, payload, seconds) => {
      const answer = await invoke(await lambda(), FunctionName, payload, seconds);
      if (answer.FunctionError !== undefined) {
        throw new PlatformUnavailable(`Function ${shortName(FunctionName)} failed.`, {
          facts: { function: FunctionName, error: answer.FunctionError },
        });
      }
      const text = Buffer.from(answer.Payload ?? []).toString('utf8');
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
    send: async (FunctionName, payload) => {
      const { client, InvokeCommand } = await lambda();
      await client.send(
        new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: encode(payload) }),
        { abortSignal: AbortSignal.timeout(AWS_CALL.requestTimeout) },
      );
    },
  };
}

type Lambda = Awaited<ReturnType<typeof load>>;

async function load(given: LambdaClient | undefined) {
  const { InvokeCommand, LambdaClient } = await import('./sdk/lambda.ts');
  const client =
    given ??
    metered(
      new LambdaClient({
        maxAttempts: 1,
        // Each call has a time of its own; this is Lambda's longest.
        requestHandler: { connectionTimeout: AWS_CALL.connectionTimeout, requestTimeout: 900_000 },
      }),
    );
  return { client, InvokeCommand };
}

async function invoke(
  { client, InvokeCommand }: Lambda,
  FunctionName: string,
  payload: unknown,
  seconds: number,
) {
  try {
    return await client.send(new InvokeCommand({ FunctionName, Payload: encode(payload) }), {
      abortSignal: AbortSignal.timeout(seconds * 1000),
    });
  } catch (error) {
    throw new PlatformUnavailable(`Function ${shortName(FunctionName)} gave no answer within ${seconds} s.`, {
      cause: error,
    });
  }
}

const encode = (payload: unknown) => Buffer.from(JSON.stringify(payload));

/** The name without account, region and alias: what an operator looks for. */
const shortName = (name: string) => /:function:([^:]+)/.exec(name)?.[1] ?? name;
