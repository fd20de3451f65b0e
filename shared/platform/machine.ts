import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Deployment } from '../domain/records.ts';
import { clientOptions, metered } from './aws.ts';

/** How an answer to a task token went. `stale`: the engine does not wait for this token (any more). */
export type Delivery = 'delivered' | 'stale';

/** The machines, as far as Slipway drives them. Safe to repeat, every method. */
export interface Machine {
  /**
   * Starts the execution of a deployment, in the machine for its type; one that exists already is as good.
   * Returns its ARN where it is known.
   */
  start(deploymentId: string, type: Deployment['type']): Promise<string | undefined>;
  /** Stops an execution; one that is over or was never there is as good as stopped. */
  stop(executionArn: string, cause: string): Promise<void>;
  state(executionArn: string): Promise<'running' | 'ended' | 'absent'>;
  /** `output` is what the machine itself has to know; whatever a stage learned stands in the record. */
  succeed(taskToken: string, output?: TaskOutput): Promise<Delivery>;
  /** `code` becomes the error name in the execution's history, for people; nothing branches on it. */
  fail(taskToken: string, code: string): Promise<Delivery>;
  /** Says that the work behind a token goes on, so that its state's heartbeat timer begins anew. */
  heartbeat(taskToken: string): Promise<Delivery>;
}

/** `more`: the activation goes on with another round, which `next` has: moving traffic (as without it), or a hook. */
export interface TaskOutput {
  readonly more?: boolean | undefined;
  readonly next?: 'activate' | 'hook' | undefined;
}

/** ARN of the machine for each type of deployment. */
export type MachineArns = Readonly<Record<Deployment['type'], string>>;

/**
 * Answering tokens and stopping need no machine; `machines` are for `start` only.
 * The client's code is loaded with the first call: many calls of the functions that hold one make none.
 */
export function stepFunctions(machines?: MachineArns, given?: SFNClient): Machine {
  let loaded: ReturnType<typeof load> | undefined;
  const sfn = () => {
    loaded ??= load(given);
    return loaded;
  };
  const state: Machine['state'] = async (executionArn) => {
    const { sdk, client } = await sfn();
    try {
      const { status } = await client.send(new sdk.DescribeExecutionCommand({ executionArn }));
      return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'running' : 'ended';
    } catch (error) {
      if (error instanceof sdk.ExecutionDoesNotExist) return 'absent';
      throw error;
    }
  };
  return {
    start: async (deploymentId, type) => {
      const { sdk, client } = await sfn();
      const machineArn = machines?.[type];
      try {
        const answer = await client.send(
          new sdk.StartExecutionCommand({
            stateMachineArn: machineArn,
            name: deploymentId,
            input: JSON.stringify({ deploymentId }),
          }),
        );
        return answer.executionArn;
      } catch (error) {
        // Its name is the deployment's id, so its ARN is known without asking.
        if (error instanceof sdk.ExecutionAlreadyExists) return executionArnOf(machineArn, deploymentId);
        throw error;
      }
    },
    stop: async (executionArn, cause) => {
      const { sdk, client } = await sfn();
      try {
        await client.send(new sdk.StopExecutionCommand({ executionArn, cause }));
      } catch (error) {
        if (error instanceof sdk.ExecutionDoesNotExist) return;
        // AWS takes the stop of one that has ended; another engine may call it invalid.
        if (error instanceof sdk.ValidationException && (await state(executionArn)) === 'ended') return;
        throw error;
      }
    },
    state,
    succeed: (taskToken, output = {}) =>
      delivery(sfn, ({ SendTaskSuccessCommand }, client) =>
        client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) })),
      ),
    fail: (taskToken, cause) =>
      delivery(sfn, ({ SendTaskFailureCommand }, client) =>
        client.send(new SendTaskFailureCommand({ taskToken, error: 'StageFailed', cause })),
      ),
    heartbeat: (taskToken) =>
      delivery(sfn, ({ SendTaskHeartbeatCommand }, client) =>
        client.send(new SendTaskHeartbeatCommand({ taskToken })),
      ),
  };
}

type Sdk = typeof import('./sdk/step-functions.ts');
interface Loaded {
  readonly sdk: Sdk;
  readonly client: SFNClient;
}

async function load(given: SFNClient | undefined): Promise<Loaded> {
  const sdk = await import('./sdk/step-functions.ts');
  return { sdk, client: given ?? metered(new sdk.SFNClient(clientOptions())) };
}

function executionArnOf(machineArn: string | undefined, deploymentId: string): string | undefined {
  return machineArn && `${machineArn.replace(':stateMachine:', ':execution:')}:${deploymentId}`;
}

async function delivery(
  sfn: () => Promise<Loaded>,
  send: (sdk: Sdk, client: SFNClient) => Promise<unknown>,
): Promise<Delivery> {
  const { sdk, client } = await sfn();
  try {
    await send(sdk, client);
    return 'delivered';
  } catch (error) {
    const { TaskTimedOut, TaskDoesNotExist, InvalidToken } = sdk;
    if ([TaskTimedOut, TaskDoesNotExist, InvalidToken].some((kind) => error instanceof kind)) return 'stale';
    throw error;
  }
}
