export interface Cost {
  /** `control` and `build` together. */
  readonly usd: number;
  /** What Slipway itself spends: everything counted here but build minutes. */
  readonly control: number;
  readonly build: number;
  /** States that its execution entered. */
  readonly transitions: number;
  /** DynamoDB request units, those of indexes included. */
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Messages of up to 32 KB posted to sockets. */
  readonly posts: number;
  /** Running time of functions, and the same by the memory that each has. */
  readonly lambdaMs: number;
  readonly gbSeconds: number;
  readonly invocations: number;
  /** Build time that AWS charges for. */
  readonly buildSeconds: number;
  /** Requests to the HTTP API; messages that came in over sockets. */
  readonly requests: number;
  readonly messages: number;
  /** Requests to SQS, events for the bus (both by begun 64 KB) and moments given to the scheduler. */
  readonly queued: number;
  readonly events: number;
  readonly schedules: number;
  /** Requests to S3 by its two prices: PUT, COPY, POST, LIST; GET and HEAD. */
  readonly puts: number;
  readonly gets: number;
  /** X-Ray traces recorded. */
  readonly traces: number;
  /** Bytes sent to viewers, over sockets or as answers; bytes of the log as they are stored. */
  readonly sentBytes: number;
  readonly storedBytes: number;
  /** Calls of AWS of any kind, tries included. */
  readonly calls: number;
}
