import { randomBytes } from 'node:crypto';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { LOCAL_AWS } from '../../local/emulator/settings.ts';
import { options, outputsOf } from './emulated-aws.ts';

/** Hears what the service announces, as a team's own rule on its bus does. */
export interface BusTap extends AsyncDisposable {
  /** Every event so far, as it came. */
  heard(): Promise<string[]>;
}

export async function tapBus(): Promise<BusTap> {
  const events = new EventBridgeClient(options());
  const queues = new SQSClient(options());
  const name = `tap-${randomBytes(4).toString('hex')}`;
  const { EventBusName } = await outputsOf('Slipway-Service');
  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: name }));
  const rule = { Name: name, EventBusName };
  const { account, region } = LOCAL_AWS;
  await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ account: [account] }) }));
  const Arn = `arn:aws:sqs:${region}:${account}:${name}`;
  await events.send(new PutTargetsCommand({ Rule: name, EventBusName, Targets: [{ Id: 'tap', Arn }] }));
  const heard: string[] = [];
  return {
    heard: async () => {
      for (;;) {
        const { Messages = [] } = await queues.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) return heard;
        heard.push(...Messages.map(({ Body }) => Body ?? ''));
      }
    },
    async [Symbol.asyncDispose]() {
      await events.send(new RemoveTargetsCommand({ Rule: name, EventBusName, Ids: ['tap'] }));
      await events.send(new DeleteRuleCommand(rule));
      await queues.send(new DeleteQueueCommand({ QueueUrl }));
    },
  };
}
