import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PlatformUnavailable } from '../errors/requests.ts';
import { clientOptions } from './aws.ts';

/** Something that happened, for whoever listens on the installation's bus. */
export interface BusEvent {
  readonly type: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventBus {
  /** @throws PlatformUnavailable where the bus did not take all of them */
  publish(events: readonly BusEvent[]): Promise<void>;
}

/** `source` of every event. */
export const EVENT_SOURCE = 'slipway';
/** Most entries of one call (limit of EventBridge). */
const MOST = 10;

export function eventBus(name: string, client = new EventBridgeClient(clientOptions())): EventBus {
  return {
    publish: async (events) => {
      for (let from = 0; from < events.length; from += MOST) {
        const answer = await client.send(
          new PutEventsCommand({
            Entries: events.slice(from, from + MOST).map(({ type, detail }) => ({
              EventBusName: name,
              Source: EVENT_SOURCE,
              DetailType: type,
              Detail: JSON.stringify(detail),
            })),
          }),
        );
        if ((answer.FailedEntryCount ?? 0) > 0) {
          throw new PlatformUnavailable('The event bus did not take every event.', {
            facts: { failed: answer.FailedEntryCount },
          });
        }
      }
    },
  };
}
