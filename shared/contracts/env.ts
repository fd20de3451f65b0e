import * as z from 'zod/mini';

/**
 * The environment of every function, one schema each: infra takes its props from the input type,
 * the handler parses `process.env` with it. A variable that is not here does not exist.
 */
const text = z.string().check(z.minLength(1));

const common = {
  RECORDS_TABLE: text,
  LIVE_TABLE: text,
  /** Name of the installation, on every log line. */
  SERVICE_NAME: text,
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
};

/** Where posts to sockets go; read where the function may do so. */
const sockets = { SOCKETS_ENDPOINT: text };

/** Who tells viewers of something posts to them, or leaves that to workers where they are many. */
const publishing = { ...sockets, FAN_OUT_QUEUE_URL: text };

/** A machine for each type of deployment; read where executions are started. */
const machines = { DEPLOY_MACHINE_ARN: text, ROLLBACK_MACHINE_ARN: text };

/** Where moments are planned, and as whom they are delivered. */
const planning = { SCHEDULE_GROUP: text, SCHEDULE_ROLE: text };

export const apiEnv = z.object({
  ...common,
  ...planning,
  /** What is called at a moment that was planned. */
  DUE_FUNCTION: text,
  ARTIFACTS_BUCKET: text,
  SECRETS_BUCKET: text,
  ...machines,
  WEBSOCKET_URL: text,
  EVENT_BUS_NAME: text,
  /** Key that signs list cursors; derived per installation by infra, not a credential. */
  CURSOR_KEY: text,
  /** `codebuild` or `agent`: where jobs run unless the project says otherwise. */
  DEFAULT_RUNNER: z.enum(['codebuild', 'agent']),
  /** JSON array of host:port that may be private addresses (rule 15); `[]` by default. */
  PRIVATE_HOSTS: text,
  /** JSON array of OIDC issuers with claim-to-role rules; `[]` by default. */
  OIDC_ISSUERS: text,
});

export const jobsEnv = z.object({
  ...common,
  ARTIFACTS_BUCKET: text,
  SECRETS_BUCKET: text,
  /** Where the bundled runner is; `GET /v1/runner/program` redirects to a presigned link of it. */
  RUNNER_PROGRAM_BUCKET: text,
  RUNNER_PROGRAM_KEY: text,
  /** Agents ask for it, since they are told the address of the API alone. */
  WEBSOCKET_URL: text,
});

/** Ingest checks that an artifact of a result is really in the bucket. */
export const ingestEnv = z.object({ ...common, ...publishing, ARTIFACTS_BUCKET: text });

/** Posts what many viewers are to see; what it could not finish goes to the queue again. */
export const fanOutEnv = z.object({ ...common, ...publishing });

export const realtimeEnv = z.object({
  ...common,
  ...sockets,
  /** Finished logs that the database has forgotten. */
  ARTIFACTS_BUCKET: text,
  /** JSON array of origins that may open a socket from a browser; `[]` refuses all browsers. */
  ALLOWED_ORIGINS: text,
});

/** Archives of logs are read from the bucket. */
export const waitingEnv = z.object({
  ...common,
  ARTIFACTS_BUCKET: text,
  /** As for `api`. */
  OIDC_ISSUERS: text,
  /** Requests that may wait at the same time; 0: none. */
  WAITING_PLACES: z.string().check(z.regex(/^\d{1,3}$/)),
});

export const stepsEnv = z.object({
  ...common,
  ...publishing,
  /** The gate looks whether what is released without a build is there. */
  ARTIFACTS_BUCKET: text,
  TARGETS_FUNCTION: text,
  CODEBUILD_PROJECT: text,
  DEFAULT_RUNNER: z.enum(['codebuild', 'agent']),
  API_URL: text,
});

export const targetsEnv = z.object({
  ...common,
  ...publishing,
  ARTIFACTS_BUCKET: text,
  SECRETS_BUCKET: text,
  SITES_BUCKET: text,
  EDGE_KEY_VALUE_STORE: text,
  /** JSON: how sites get their addresses (shared/targets/site). */
  SITE_HOSTING: text,
  OBSERVE_QUEUE_URL: text,
  PRIVATE_HOSTS: text,
});

export const relayEnv = z.object({
  ...common,
  ...publishing,
  STEPS_FUNCTION: text,
  ...machines,
  EVENT_BUS_NAME: text,
  ARTIFACTS_BUCKET: text,
});

export const sweepEnv = z.object({
  ...common,
  DUE_FUNCTION: text,
  STEPS_FUNCTION: text,
  ...machines,
  EVENT_BUS_NAME: text,
  ARTIFACTS_BUCKET: text,
  ...publishing,
});

/** Plans its own next call, so it needs no name of itself. */
export const dueEnv = z.object({
  ...common,
  ...planning,
  ...machines,
  EVENT_BUS_NAME: text,
  ARTIFACTS_BUCKET: text,
});

/** Behind the sites' CDN; it reads releases and knows nothing else of the service. */
export const siteMissEnv = z.object({ SITES_BUCKET: text });

export const bootstrapEnv = z.object({ ...common });

/** What is needed to tell viewers of something. */
export type PublishingEnv = Pick<FanOutEnv, 'SOCKETS_ENDPOINT' | 'FAN_OUT_QUEUE_URL'>;

export type ApiEnv = z.infer<typeof apiEnv>;
export type JobsEnv = z.infer<typeof jobsEnv>;
export type IngestEnv = z.infer<typeof ingestEnv>;
export type FanOutEnv = z.infer<typeof fanOutEnv>;
export type RealtimeEnv = z.infer<typeof realtimeEnv>;
export type WaitingEnv = z.infer<typeof waitingEnv>;
export type StepsEnv = z.infer<typeof stepsEnv>;
export type TargetsEnv = z.infer<typeof targetsEnv>;
export type RelayEnv = z.infer<typeof relayEnv>;
export type SweepEnv = z.infer<typeof sweepEnv>;
export type DueEnv = z.infer<typeof dueEnv>;
export type BootstrapEnv = z.infer<typeof bootstrapEnv>;
export type SiteMissEnv = z.infer<typeof siteMissEnv>;
