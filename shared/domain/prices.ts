/**
 * List prices in US dollars for us-east-1, as noted from the AWS price pages in the month of `asOf`. The only place
 * that knows a price. Free tiers are ignored: a record says what the work costs, not what a bill happens to show.
 */
export const PRICES = {
  asOf: '2025-06',
  region: 'us-east-1',
  /** Step Functions Standard: $0.025 per 1,000 state transitions. */
  transition: 0.025 / 1000,
  /** DynamoDB on demand: $0.625 per million write request units, $0.125 per million read request units. */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** API Gateway WebSocket: $1.00 per million messages of up to 32 KB. */
  post: 1 / 1e6,
  /** Lambda on arm64: $0.0000133334 per GB-second. */
  lambdaGbSecond: 0.0000133334,
  /** CodeBuild arm1.small on demand: $0.0034 per minute, each begun minute counted. */
  buildMinute: 0.0034,
} as const;

/** Memory of the functions that work for a deployment (GB); infra gives them this. */
export const LAMBDA_GB = 0.5;
