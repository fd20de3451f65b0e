import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { LOCAL_AWS } from '../emulator/settings.ts';

/** What npm start asks CloudFormation, at the emulator. */
export interface CloudFormation {
  /** Names of the stacks that are whole and can be used as they are. */
  completeStacks(): Promise<ReadonlySet<string>>;
  /** Why the first resource failed since `since` (ms since the epoch), in CloudFormation's own words. */
  failureSince(since: number): Promise<string | undefined>;
}

/** A cut-off resource only says that another one failed. */
const CONSEQUENCE = /cancelled|following resource\(s\) failed/i;

export function cloudFormationAt(endpoint: string): CloudFormation {
  const client = new CloudFormationClient({
    endpoint,
    region: LOCAL_AWS.region,
    credentials: { accessKeyId: LOCAL_AWS.accessKeyId, secretAccessKey: LOCAL_AWS.secretAccessKey },
    requestHandler: { requestTimeout: 10_000, connectionTimeout: 2_000 },
  });

  async function completeStacks(): Promise<ReadonlySet<string>> {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
    const complete = Stacks.filter((stack) => /^(CREATE|UPDATE)_COMPLETE$/.test(stack.StackStatus ?? ''));
    return new Set(complete.flatMap((stack) => stack.StackName ?? []));
  }

  async function eventsOf(stack: string | undefined): Promise<StackEvent[]> {
    const answer = await client
      .send(new DescribeStackEventsCommand({ StackName: stack }))
      .catch(() => undefined);
    return answer?.StackEvents ?? [];
  }

  async function failureSince(since: number): Promise<string | undefined> {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
    const events = (await Promise.all(Stacks.map((stack) => eventsOf(stack.StackId)))).flat();
    const causes = events
      .filter(
        (event) => event.ResourceStatus?.endsWith('FAILED') && (event.Timestamp?.getTime() ?? 0) >= since,
      )
      .filter((event) => event.ResourceStatusReason && !CONSEQUENCE.test(event.ResourceStatusReason))
      .sort((a, b) => (a.Timestamp?.getTime() ?? 0) - (b.Timestamp?.getTime() ?? 0));
    const first = causes[0];
    return first && `${first.LogicalResourceId} (${first.ResourceType}): ${first.ResourceStatusReason}`;
  }

  return { completeStacks, failureSince };
}
