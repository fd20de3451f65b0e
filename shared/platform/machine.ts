import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { clientOptions } from './aws.ts';

/** How an answer to a task token went. `stale`: the engine does not wait for this token (any more). */
export type Delivery = 'delivered' | 'stale';

/** The deploy machine, as far as Slipway drives it. Safe to repeat, every method. */
export interface Machine {
  /** Starts the execution of a deployment; one that exists already is as good. Returns its ARN where it is known. */
  start(deploymentId: string): Promise<string | undefined>;
  /** Stops an execution; one that is over or was never there is as good as stopped. */
  stop(executionArn: string, cause: string): Promise<void>;
  state(executionArn: string): Promise<'running' | 'ended' | 'absent'>;
  succeed(taskToken: string): Promise<Delivery>;
  /** `code` becomes the error name in the execution's history, for people; nothing branches on it. */
  fail(taskToken: string, code: string): Promise<Delivery>;
  /** Says that the work behind a token goes on, so that its state's heartbeat timer begins anew. */
  heartbeat(taskToken: string): Promise<Delivery>;
}

/** Answering tokens and stopping need no machine; `machineArn` is for `start` only. */
export function stepFunctions(machineArn?: string, client = new SFNClient(clientOptions())): Machine {
  return {
    start: async (deploymentId) => {
      try {
        const answer = await client.send(
          new StartExecutionCommand({
            stateMachineArn: machineArn,
            name: deploymentId,
            input: JSON.stringify({ deploymentId }),
          }),
        );
        return answer.executionArn;
      } catch (error) {
        // Its name is the deployment's id, so its ARN is known without asking.
        if (error instanceof ExecutionAlreadyExists) return executionArnOf(machineArn, deploymentId);
        throw error;
      }
    },
    stop: async (executionArn, cause) => {
      try {
        await client.send(new StopExecutionCommand({ executionArn, cause }));
      } catch (error) {
        if (!(error instanceof ExecutionDoesNotExist)) throw error;
      }
    },
    state: async (executionArn) => {
      try {
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
        return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'running' : 'ended';
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return 'absent';
        throw error;
      }
    },
    succeed: (taskToken) =>
      delivery(() => client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }))),
    fail: (taskToken, code) =>
      delivery(() =>
        client.send(new SendTaskFailureCommand({ taskToken, error: 'StageFailed', cause: code })),
      ),
    heartbeat: (taskToken) => delivery(() => client.send(new SendTaskHeartbeatCommand({ taskToken }))),
  };
}

function executionArnOf(machineArn: string | undefined, deploymentId: string): string | undefined {
  return machineArn && `${machineArn.replace(':stateMachine:', ':execution:')}:${deploymentId}`;
}

async function delivery(send: () => Promise<unknown>): Promise<Delivery> {
  try {
    await send();
    return 'delivered';
  } catch (error) {
    const stale =
      error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken;
    if (stale) return 'stale';
    throw error;
  }
}
