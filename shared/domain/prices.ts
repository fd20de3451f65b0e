import type { Counter } from './cost.ts';

/**
 * List prices in US dollars for us-east-1 (N. Virginia), from the public price pages of each service
 * (aws.amazon.com/<service>/pricing) as of the month of `asOf`. The only place that knows a price. An estimate:
 * free tiers (but that of data out), discounts and other regions' prices are left out, so a record says what the work costs, not what a bill shows.
 */
export const PRICES = {
  asOf: '2025-06',
  region: 'us-east-1',
  /** CodeBuild arm1.small on demand, each begun minute counted. */
  buildMinute: 0.0034,
  /** What one of each counter costs. What has no price of its own is part of another counter. */
  each: {
    /** Step Functions Standard: $25 per million state transitions. */
    transitions: 25 / 1e6,
    /** DynamoDB on demand, standard tables: $0.625 and $0.125 per million request units. */
    writeUnits: 0.625 / 1e6,
    readUnits: 0.125 / 1e6,
    /** Lambda: $0.20 per million requests; on arm64 $0.0000133334 per GB-second. */
    invocations: 0.2 / 1e6,
    gbSeconds: 0.0000133334,
    lambdaMs: 0,
    /** API Gateway: $1.00 per million requests of an HTTP API, or messages of a WebSocket API, either way. */
    requests: 1 / 1e6,
    messages: 1 / 1e6,
    posts: 1 / 1e6,
    /** SQS standard: $0.40 per million requests. EventBridge: $1.00 per million custom events, or schedules delivered. */
    queued: 0.4 / 1e6,
    events: 1 / 1e6,
    schedules: 1 / 1e6,
    /** S3 Standard: $0.005 per thousand PUT, COPY, POST, LIST; $0.0004 per thousand GET and the like. */
    puts: 5 / 1e6,
    gets: 0.4 / 1e6,
    /** X-Ray: $5.00 per million traces recorded. */
    traces: 5 / 1e6,
    /** Nothing for the first 100 GB a month that leave an account, ever; above them $0.09 per GB. Counted, not priced. */
    sentBytes: 0,
    /** DynamoDB standard storage: $0.25 per GB and month, for the 30 days that a log is kept. */
    storedBytes: 0.25 / 1e9,
    calls: 0,
  } satisfies Readonly<Record<Counter, number>>,
} as const;
