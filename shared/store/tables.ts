/**
 * The shape of the two tables, in one place: infra creates them from it, the store's tests too.
 * Attributes of the sparse indexes exist only on items that belong in them.
 */
export interface IndexShape {
  readonly name: string;
  readonly partition: string;
  readonly sort: string;
  /** `summary`: only the list row is projected, so that a busy record costs its indexes little. */
  readonly projection: 'summary' | 'all' | 'keys';
}

export interface TableShape {
  readonly partition: 'pk';
  readonly sort: 'sk';
  readonly indexes: readonly IndexShape[];
  readonly ttl: 'expiresAt';
}

/** Attribute that holds the list row of an item; the only non-key attribute that `summary` indexes project. */
export const SUMMARY = 'summary';

export const INDEX = {
  /** PRJS by name, DEPS by creation, TOKENS, RUNNERS. */
  all: { name: 'all', partition: 'g0pk', sort: 'g0sk', projection: 'summary' },
  byProject: { name: 'byProject', partition: 'g1pk', sort: 'g1sk', projection: 'summary' },
  byEnvironment: { name: 'byEnvironment', partition: 'g2pk', sort: 'g2sk', projection: 'summary' },
  byOutcome: { name: 'byOutcome', partition: 'g3pk', sort: 'g3sk', projection: 'summary' },
  byActor: { name: 'byActor', partition: 'g4pk', sort: 'g4sk', projection: 'summary' },
  byRef: { name: 'byRef', partition: 'g5pk', sort: 'g5sk', projection: 'summary' },
  /** Deployments of a project that have begun, and that have ended, by when. */
  byStart: { name: 'byStart', partition: 'g6pk', sort: 'g6sk', projection: 'summary' },
  byEnd: { name: 'byEnd', partition: 'g7pk', sort: 'g7sk', projection: 'summary' },
  /** What somebody must look at: OPEN deployments by next deadline, UNSENT answers, JOBS#<label> waiting. */
  work: { name: 'work', partition: 'wpk', sort: 'wsk', projection: 'keys' },
  /** Deployments whose latest revision was not announced yet. */
  unpublished: { name: 'unpublished', partition: 'upk', sort: 'usk', projection: 'keys' },
} as const satisfies Record<string, IndexShape>;

/** What must outlive everything. Has a stream (new and old images) and point-in-time recovery. */
export const RECORDS: TableShape = {
  partition: 'pk',
  sort: 'sk',
  indexes: Object.values(INDEX),
  ttl: 'expiresAt',
};

/** What is short-lived or bulky: log chunks, connections, tickets, counters, heartbeats. */
export const LIVE: TableShape = { partition: 'pk', sort: 'sk', indexes: [], ttl: 'expiresAt' };
