// Named, so that the rest is left out: of a package that is itself imported at first use a bundle keeps everything.
export { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
