import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import { clientOptions, metered } from './aws.ts';
import { once } from './once.ts';

/** Has a function called at a moment, at least once. Safe to repeat, both methods. */
export interface Scheduler {
  /** `name`: what makes two plans the same plan, at most 64 characters. */
  plan(name: string, at: number, payload: unknown): Promise<void>;
  forget(name: string): Promise<void>;
}

export interface SchedulerPlace {
  readonly group: string;
  /** Assumed by EventBridge Scheduler to call the function. */
  readonly roleArn: string;
  readonly functionArn: string;
}

/** EventBridge Scheduler: each moment is a schedule of its own, which is gone when it has been delivered. */
export function eventBridgeScheduler(place: SchedulerPlace, given?: SchedulerClient): Scheduler {
  const load = once(async () => {
    const sdk = await import('./sdk/scheduler.ts');
    return { sdk, client: given ?? metered(new sdk.SchedulerClient(clientOptions())) };
  });
  return {
    plan: async (Name, at, payload) => {
      const { sdk, client } = await load();
      const command = new sdk.CreateScheduleCommand({
        Name,
        GroupName: place.group,
        ScheduleExpression: `at(${wholeSeconds(at)})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: {
          Arn: place.functionArn,
          RoleArn: place.roleArn,
          Input: JSON.stringify(payload),
          // The sweep finds what was not delivered a minute later; older than this it would come beside that.
          RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 5 },
        },
      });
      try {
        await client.send(command);
      } catch (error) {
        if (!(error instanceof sdk.ConflictException)) throw error;
      }
    },
    forget: async (Name) => {
      const { sdk, client } = await load();
      try {
        await client.send(new sdk.DeleteScheduleCommand({ Name, GroupName: place.group }));
      } catch (error) {
        if (!(error instanceof sdk.ResourceNotFoundException)) throw error;
      }
    },
  };
}

/** UTC without a zone, as `at()` takes it; up to the next second, so that nothing comes before its moment. */
const wholeSeconds = (at: number) => new Date(Math.ceil(at / 1000) * 1000).toISOString().slice(0, 19);
