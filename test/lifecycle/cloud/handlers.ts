import type { Handler } from './lambda.ts';
import { SITES_DOMAIN } from './platform.ts';
import type { Stack } from './stack.ts';

/** What is fixed here, whatever the stack says: the names of the tables, and settings without references. */
const FIXED: Readonly<Record<string, string>> = {
  RECORDS_TABLE: 'records',
  LIVE_TABLE: 'live',
  LOG_LEVEL: 'ERROR',
  DEFAULT_RUNNER: 'agent',
  PRIVATE_HOSTS: '[]',
  OIDC_ISSUERS: '[]',
  ALLOWED_ORIGINS: '[]',
  ARTIFACTS_BUCKET: 'artifacts',
  SECRETS_BUCKET: 'secrets',
  SITES_BUCKET: 'sites',
  SITE_HOSTING: JSON.stringify({
    kind: 'domain',
    siteDomain: SITES_DOMAIN,
    distributionDomain: 'edge.example.com',
  }),
  EDGE_KEY_VALUE_STORE: 'arn:aws:cloudfront::000000000000:key-value-store/edge',
  FAN_OUT_QUEUE_URL: 'https://sqs.example.com/fan-out',
  OBSERVE_QUEUE_URL: 'https://sqs.example.com/observe',
  SOCKETS_ENDPOINT: 'https://sockets.example.com',
  API_URL: 'https://api.example.com',
  AWS_REGION: 'us-east-1',
  // For presigned links, which nobody here checks.
  AWS_ACCESS_KEY_ID: 'harness',
  AWS_SECRET_ACCESS_KEY: 'harness',
};

/** The functions that run in the harness, each from its real entry file. */
export const HANDLERS = [
  'api',
  'jobs',
  'ingest',
  'realtime',
  'steps',
  'targets',
  'relay',
  'sweep',
  'due',
  'bootstrap',
] as const;
export type HandlerName = (typeof HANDLERS)[number];

/** Loads the entry files as Lambda does: the environment stands before their code runs. Once a process. */
export async function loadHandlers(stack: Stack): Promise<Readonly<Record<HandlerName, Handler>>> {
  Object.assign(process.env, stack.environment, FIXED);
  const loaded = await Promise.all(
    HANDLERS.map(async (name) => {
      const url = new URL(`../../../functions/${name}/main.ts`, import.meta.url).href;
      // Every entry file exports its handler so.
      const { handler } = (await import(url)) as { handler: Handler };
      return [name, handler] as const;
    }),
  );
  // Object.fromEntries forgets which names went in.
  return Object.fromEntries(loaded) as Record<HandlerName, Handler>;
}
