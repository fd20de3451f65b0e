import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PlatformUnavailable } from '../errors/requests.ts';
import { clientOptions, metered } from './aws.ts';

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

/** The client's code is loaded with the first event: most changes have none. */
export function eventBus(name: string, client?: EventBridgeClient): EventBus {
  let loaded: ReturnType<typeof load> | undefined;
  return {
    publish: async (events) => {
      if (events.length === 0) return;
      loaded ??= load(name, client);
      const put = await loaded;
      for (let from = 0; from < events.length; from += MOST) await put(events.slice(from, from + MOST));
    },
  };
}

async function load(EventBusName: string, given: EventBridgeClient | undefined) {
  const sdk = await import('./sdk/event-bridge.ts');
  const client = given ?? metered(new sdk.EventBridgeClient(clientOptions()));
  return async (events: readonly BusEvent[]): Promise<void> => {
    const Entries = events.map(({ type, detail }) => ({
      EventBusName,
      Source: EVENT_SOURCE,
      DetailType: type,
      Detail: JSON.stringify(detail),
    }));
    const { FailedEntryCount: failed = 0 } = await client.send(new sdk.PutEventsCommand({ Entries }));
    if (failed === 0) return;
    throw new PlatformUnavailable('The event bus did not take every event.', { facts: { failed } });
  };
}
