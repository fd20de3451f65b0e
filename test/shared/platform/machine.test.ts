import {
  DescribeExecutionCommand,
  SFNClient,
  StopExecutionCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { stepFunctions } from '../../../shared/platform/machine.ts';

const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:deploy:dep_1';
const sfn = mockClient(SFNClient);
const machine = stepFunctions(undefined, new SFNClient({ region: 'us-east-1' }));

beforeEach(() => {
  sfn.reset();
  sfn
    .on(StopExecutionCommand)
    .rejects(new ValidationException({ message: 'Execution is not running', $metadata: {} }));
});

test('the stop of an execution that has ended is done, also where the engine calls it invalid', async () => {
  sfn.on(DescribeExecutionCommand).resolves({ status: 'FAILED' });
  await expect(machine.stop(EXECUTION, 'settled')).resolves.toBeUndefined();
});

test('an invalid stop of an execution that runs is not taken for a stop', async () => {
  sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
  await expect(machine.stop(EXECUTION, 'settled')).rejects.toThrow(ValidationException);
});
