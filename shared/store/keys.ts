import { createHash } from 'node:crypto';
import type { Deployment } from '../domain/records.ts';

/** Every key of both tables is built here. All attributes of the sparse indexes are strings. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

const pad = (value: number, digits: number) => String(value).padStart(digits, '0');

// --- Records ---
export const projectKey = (projectId: string): Key => ({ pk: `PRJ#${projectId}`, sk: 'PRJ' });
export const environmentKey = (projectId: string, name: string): Key => ({
  pk: `PRJ#${projectId}`,
  sk: `ENV#${name}`,
});
export const projectNameKey = (name: string): Key => ({ pk: `NAME#${name}`, sk: 'NAME' });
export const slotKey = (projectId: string, environment: string): Key => ({
  pk: `ENV#${projectId}#${environment}`,
  sk: 'SLOT',
});
/** Sorts as the line stands: rollbacks first, then by number. */
export const waiterKey = (
  projectId: string,
  environment: string,
  place: { readonly priority: number; readonly ticket: number },
): Key => ({
  pk: `ENV#${projectId}#${environment}`,
  sk: `${WAITERS}${place.priority}${pad(place.ticket, 10)}`,
});
/** What the sort keys of all waiters begin with. */
export const WAITERS = 'WAIT#';
/** Sorts before slot and waiters, so that a query of those never reads what grows. */
export const goodKey = (projectId: string, environment: string, key: string): Key => ({
  pk: `ENV#${projectId}#${environment}`,
  sk: `GOOD#${key}`,
});
export const versionKey = (versionId: string): Key => ({ pk: `VER#${versionId}`, sk: 'VER' });
export const deploymentKey = (deploymentId: string): Key => ({ pk: `DEP#${deploymentId}`, sk: 'DEP' });
export const taskTokenKey = (deploymentId: string, stage: string, round: number): Key => ({
  pk: `DEP#${deploymentId}`,
  sk: `TOKEN#${stage}#${pad(round, 4)}`,
});
export const jobItemKey = (deploymentId: string, kind: string, round: number): Key => ({
  pk: `DEP#${deploymentId}`,
  sk: `JOB#${kind}#${pad(round, 4)}`,
});
export const idempotencyKey = (subject: string, route: string, keyHash: string): Key => ({
  pk: `IDEM#${subject}#${route}#${keyHash}`,
  sk: 'IDEM',
});
export const tokenKey = (tokenId: string): Key => ({ pk: `TOK#${tokenId}`, sk: 'TOK' });
/** All freezes in one partition, so that a gate reads them strongly in one query. */
export const allFreezes = 'FREEZES';
export const freezeKey = (freezeId: string): Key => ({ pk: allFreezes, sk: `FRZ#${freezeId}` });
export const scheduleKey = (scheduleId: string): Key => ({ pk: `SCH#${scheduleId}`, sk: 'SCH' });
export const runnerKey = (runnerId: string): Key => ({ pk: `RUN#${runnerId}`, sk: 'RUN' });

// --- partitions of the indexes ---
export const allProjects = 'PRJS';
export const allDeployments = 'DEPS';
export const allTokens = 'TOKENS';
export const allRunners = 'RUNNERS';
export const allSchedules = 'SCHS';
/** Schedules whose moment comes, in the index of work. */
export const dueSchedules = 'SCHEDULED';
export const schedulesOf = (projectId: string) => `PRJ#${projectId}#SCHS`;
export const versionsOf = (projectId: string) => `PRJ#${projectId}#VERS`;
export const deploymentsOf = (projectId: string) => `PRJ#${projectId}#DEPS`;
export const deploymentsIn = (projectId: string, environment: string) =>
  `ENV#${projectId}#${environment}#DEPS`;
export const deploymentsByOutcome = (projectId: string, outcome: string) => `PRJ#${projectId}#OUT#${outcome}`;
export const deploymentsByActor = (projectId: string, actor: string) => `PRJ#${projectId}#BY#${actor}`;
export const deploymentsByRef = (projectId: string, ref: string) => `PRJ#${projectId}#REF#${ref}`;
export const deploymentsByStart = (projectId: string) => `PRJ#${projectId}#STARTED`;
export const deploymentsByEnd = (projectId: string) => `PRJ#${projectId}#FINISHED`;
export const openDeployments = 'OPEN';
export const unsentAnswers = 'UNSENT';
export const waitingJobs = (label: string) => `JOBS#${label}`;
export const unpublishedDeployments = 'UNPUBLISHED';
/** Sort key of list indexes: newest first by reading backwards. */
export const byTime = (at: string, id: string) => `${at}#${id}`;
/** Sort key of the work index: a moment in ms, padded so that strings sort as numbers. */
export const byMoment = (ms: number, id: string) => `${pad(ms, 15)}#${id}`;
export const byNumber = (value: number) => pad(value, 10);

// --- Live ---
export const logChunkKey = (deploymentId: string, chunk: number): Key => ({
  pk: `LOG#${deploymentId}`,
  sk: `C#${pad(chunk, 8)}`,
});
export const connectionKey = (connectionId: string): Key => ({ pk: `CON#${connectionId}`, sk: 'CON' });
/** Lists the sockets that a token opened, so that they end with it. */
export const tokenSocketKey = (tokenId: string, connectionId: string): Key => ({
  pk: `SOCKETS#${tokenId}`,
  sk: `CON#${connectionId}`,
});
/** All who watch a topic, by their places (shared/domain/audience.ts). */
export const audienceOfTopic = (topic: string) => `TOPIC#${topic}`;
/** Sorts as the number does, up to 2^32 and with it. */
export const placeText = (place: number) => place.toString(16).padStart(9, '0');
export const placeOf = (connectionId: string) =>
  createHash('sha256').update(connectionId).digest().readUInt32BE(0);
export const subscriptionKey = (topic: string, connectionId: string): Key => ({
  pk: audienceOfTopic(topic),
  sk: `${placeText(placeOf(connectionId))}#${connectionId}`,
});
/** Counts what a project starts in one minute since the epoch. */
export const startRateKey = (projectId: string, minute: number): Key => ({
  pk: `RATE#START#${projectId}#${minute}`,
  sk: 'RATE',
});
/** All places in one partition, so that the free ones are found in one query. */
export const waitingPlaceKey = (number: number): Key => ({ pk: 'WAITING', sk: `PLACE#${pad(number, 4)}` });
export const ticketKey = (hash: string): Key => ({ pk: `TCK#${hash}`, sk: 'TCK' });
/** Of a stream that was opened by a ticket, by its id. */
export const continuationKey = (id: string): Key => ({ pk: `TCK#STREAM#${id}`, sk: 'TCK' });
/** Remembers which job a runner's nonce got, so that a repeated claim finds it again. */
export const claimKey = (tokenId: string, nonceHash: string): Key => ({
  pk: `CLAIM#${tokenId}`,
  sk: nonceHash,
});
export const heartbeatKey = (jobKey: string): Key => ({ pk: `BEAT#${jobKey}`, sk: 'BEAT' });
export const tallyKey = (deploymentId: string): Key => ({ pk: `TALLY#${deploymentId}`, sk: 'TALLY' });

/** `<deploymentId>.<kind>.<round>`: names a job in URLs so that its item is found without a look-up. */
export const jobKeyOf = (deploymentId: string, kind: string, round: number) =>
  `${deploymentId}.${kind}.${round}`;
/** A job as a producer of lines in its deployment's log, and that deployment. */
export const producerOf = (jobKey: string): string => jobKey.slice(jobKey.indexOf('.') + 1);
export const deploymentOfJob = (jobKey: string): string => jobKey.slice(0, jobKey.indexOf('.'));
/** The job that a deployment waits for: the one that it offered last; by its stage in records of before that was kept. */
export const presentJobKey = ({ id, stage, job }: Pick<Deployment, 'id' | 'stage' | 'job'>): string =>
  job ?? jobKeyOf(id, stage === 'gate' ? 'resolve' : 'build', 0);
/** Sort key of a waiting job: oldest first, and readable enough to skip what a runner does not serve. */
export const byOffer = (
  offeredAt: string,
  job: { readonly projectId: string; readonly environment: string; readonly jobKey: string },
) => `${offeredAt}#${job.projectId}#${job.environment}#${job.jobKey}`;
