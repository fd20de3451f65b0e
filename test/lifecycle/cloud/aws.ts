import { ExecutionAlreadyExists, ExecutionDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import type { Functions } from './lambda.ts';
import { FunctionFailed } from './lambda.ts';
import type { Commands } from './sdk.ts';
import type { StateMachines } from './states/machines.ts';

const METADATA = { $metadata: {} };

interface MachineRequest {
  readonly stateMachineArn?: string;
  readonly executionArn?: string;
  readonly name?: string;
  readonly input?: string;
  readonly taskToken?: string;
  readonly output?: string;
  readonly error?: string;
}

/** Step Functions as its client sees it. */
export function stepFunctionsCommands(machines: StateMachines): Commands {
  const execute = (operation: string, input: object): object => {
    // Which input belongs to which command is the SDK's promise.
    const request = input as MachineRequest;
    const known = () => {
      const found = machines.executions.get(request.executionArn ?? '');
      if (found === undefined) throw new ExecutionDoesNotExist({ message: 'No such execution', ...METADATA });
      return found;
    };
    const answered = (was: boolean) => {
      if (!was) throw new TaskTimedOut({ message: 'Nobody waits for this token', ...METADATA });
      return METADATA;
    };
    const token = request.taskToken ?? '';
    switch (operation) {
      case 'StartExecution': {
        const { stateMachineArn = '', name = '', input: text = '{}' } = request;
        const started = machines.start(stateMachineArn, name, JSON.parse(text));
        if (started === undefined) throw new ExecutionAlreadyExists({ message: 'It exists', ...METADATA });
        return { ...METADATA, executionArn: started.arn };
      }
      case 'StopExecution':
        machines.stop(known());
        return METADATA;
      case 'DescribeExecution':
        return { ...METADATA, status: known().status };
      case 'SendTaskSuccess':
        return answered(machines.answer(token, { output: JSON.parse(request.output ?? '{}') }));
      case 'SendTaskFailure':
        return answered(machines.answer(token, { error: request.error ?? 'Failed' }));
      case 'SendTaskHeartbeat':
        return answered(machines.heartbeat(token));
      default:
        throw new TypeError(`There is no operation ${operation} of Step Functions here.`);
    }
  };
  return {
    service: { name: 'states', execute },
    reads: ['DescribeExecution'],
    changes: ['StartExecution', 'StopExecution', 'SendTaskSuccess', 'SendTaskFailure', 'SendTaskHeartbeat'],
  };
}

interface InvokeRequest {
  readonly FunctionName?: string;
  readonly InvocationType?: string;
  readonly Payload?: Uint8Array;
}

/** Lambda as its client sees it. */
export function lambdaCommands(functions: Functions): Commands {
  const execute = async (_operation: string, input: object): Promise<object> => {
    // Which input belongs to which command is the SDK's promise.
    const { FunctionName = '', InvocationType, Payload } = input as InvokeRequest;
    const payload: unknown = JSON.parse(Buffer.from(Payload ?? []).toString('utf8') || '{}');
    const label = labelOf(FunctionName, payload);
    if (InvocationType === 'Event') {
      functions.send(FunctionName, payload, label);
      return { ...METADATA, StatusCode: 202 };
    }
    try {
      const answer = await functions.invoke(FunctionName, payload, label);
      const text = answer === undefined ? '' : JSON.stringify(answer);
      return { ...METADATA, StatusCode: 200, Payload: Buffer.from(text) };
    } catch (error) {
      if (!(error instanceof FunctionFailed)) throw error;
      return { ...METADATA, StatusCode: 200, FunctionError: 'Unhandled', Payload: Buffer.from('{}') };
    }
  };
  return { service: { name: 'lambda', execute }, reads: [], changes: ['Invoke'] };
}

/** The function and what it is asked to do. */
export function labelOf(name: string, payload: unknown): string {
  const op = (payload as { op?: unknown } | null)?.op;
  return typeof op === 'string' ? `${name}.${op}` : name;
}
