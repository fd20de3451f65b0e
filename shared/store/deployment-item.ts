import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { storedRowOf } from '../domain/deployment-row.ts';
import { recordWithoutLines } from '../domain/log-copies.ts';
import { looksAsBefore, nextLookAt } from '../domain/next-look.ts';
import type { Deployment } from '../domain/records.ts';
import { revisionIs } from './conditions.ts';
import type { Item, Update } from './engine.ts';
import {
  allDeployments,
  byMoment,
  byTime,
  deploymentKey,
  deploymentsByActor,
  deploymentsByEnd,
  deploymentsByOutcome,
  deploymentsByRef,
  deploymentsByStart,
  deploymentsIn,
  deploymentsOf,
  openDeployments,
  unpublishedDeployments,
} from './keys.ts';
import { packedRecord, recordFrom } from './packed-record.ts';
import { INDEX, SUMMARY } from './tables.ts';

/**
 * Raised when the stored shape of a deployment changes; readers accept this and older ones. 2: what came with waits,
 * rollbacks and rollouts, and what to do about prerequisites; all of it may be absent. 3: more of the cost is counted, and
 * what is nothing of it is left out. 4: how long lines of its log are kept, and which were purged; may be absent. 5: the
 * record is compressed. 6: while it is open its row holds only what never changes.
 */
export const DEPLOYMENT_SHAPE = 6;

/**
 * The whole item of a deployment: record, list row and index attributes, so that they never disagree. Once lines were
 * purged it repeats none of the log, whoever writes it: what he says he may have read before.
 */
export function deploymentItem(given: Deployment): Item {
  const isPurged = (given.purges ?? []).length > 0;
  const deployment = isPurged ? recordWithoutLines(given, []) : given;
  return {
    ...deploymentKey(deployment.id),
    kind: 'deployment',
    v: DEPLOYMENT_SHAPE,
    record: packedRecord(deployment),
    // Beside the record because conditions and stream filters look at them.
    revision: deployment.revision,
    published: deployment.published,
    [SUMMARY]: storedRowOf(deployment),
    ...listKeys(deployment),
    ...workKeys(deployment),
    ...unpublishedKeys(deployment),
  };
}

/** Attributes that a change leaves alone: the keys, and what only the announcing writes. */
const LEFT_ALONE = new Set(['pk', 'sk', 'published']);
const keysOf = ({ partition, sort }: { readonly partition: string; readonly sort: string }) => [
  partition,
  sort,
];
const WORK_KEYS = keysOf(INDEX.work);
/** Attributes that are there only at times, and so may have to go. */
const SPARSE = [...WORK_KEYS, ...keysOf(INDEX.unpublished)];

/** Says since when something is unannounced: the first such change stays, and later ones cost the index nothing. */
const SINCE: ReadonlySet<string> = new Set(keysOf(INDEX.unpublished));

/**
 * The update that makes the item of a deployment what `deploymentItem` says, on the condition that it is still what was
 * read. Not a put: `published` is written beside the revisions, by the relay, and a put
 * would set it back to what was read before.
 */
export function deploymentUpdate(before: Deployment, after: Deployment): Update {
  const condition = revisionIs(before.revision);
  const item = deploymentItem(after);
  // Where all of it counts as announced, nobody else has anything to note.
  const isAnnounced = after.published >= after.revision;
  const leftAlone = looksAsBefore(before, after) ? WORK_KEYS : [];
  const isGiven = (name: string) =>
    !leftAlone.includes(name) && (!LEFT_ALONE.has(name) || (name === 'published' && isAnnounced));
  const given = Object.entries(item).filter(([name, value]) => isGiven(name) && value !== undefined);
  const gone = SPARSE.filter((name) => item[name] === undefined);
  const sets = given.map(([name]) =>
    SINCE.has(name) ? `#${name} = if_not_exists(#${name}, :${name})` : `#${name} = :${name}`,
  );
  return {
    update: `SET ${sets.join(', ')}${gone.length === 0 ? '' : ` REMOVE ${gone.join(', ')}`}`,
    expression: condition.expression,
    names: { ...Object.fromEntries(given.map(([name]) => [`#${name}`, name])), ...condition.names },
    values: { ...Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])), ...condition.values },
  };
}

export function deploymentFrom(item: Item): Deployment {
  // `published` alone is moved beside the record.
  return { ...recordFrom(item['record']), published: Number(item['published']) };
}

/** A deployment as the stream carries it: the item in DynamoDB's own notation. */
export function deploymentFromImage(image: Readonly<Record<string, unknown>>): Deployment {
  // The notation of the stream's types differs from the SDK's only in how they name the same union.
  return deploymentFrom(unmarshall(image as Record<string, AttributeValue>));
}

function listKeys(deployment: Deployment): Item {
  const { id, projectId, environment, status, trigger, source, createdAt } = deployment;
  const sort = byTime(createdAt, id);
  return {
    [INDEX.all.partition]: allDeployments,
    [INDEX.all.sort]: sort,
    [INDEX.byProject.partition]: deploymentsOf(projectId),
    [INDEX.byProject.sort]: sort,
    [INDEX.byEnvironment.partition]: deploymentsIn(projectId, environment),
    [INDEX.byEnvironment.sort]: sort,
    [INDEX.byOutcome.partition]: deploymentsByOutcome(projectId, status),
    [INDEX.byOutcome.sort]: sort,
    [INDEX.byActor.partition]: deploymentsByActor(projectId, trigger.actor),
    [INDEX.byActor.sort]: sort,
    [INDEX.byRef.partition]: deploymentsByRef(projectId, source.ref),
    [INDEX.byRef.sort]: sort,
    ...timeKeys(deployment),
  };
}

/** In the lists by start and by end once it has come that far. */
function timeKeys(deployment: Deployment): Item {
  const { id, projectId, startedAt } = deployment;
  const finishedAt = 'finishedAt' in deployment ? deployment.finishedAt : undefined;
  return {
    ...(startedAt === undefined
      ? {}
      : {
          [INDEX.byStart.partition]: deploymentsByStart(projectId),
          [INDEX.byStart.sort]: byTime(startedAt, id),
        }),
    ...(finishedAt === undefined
      ? {}
      : {
          [INDEX.byEnd.partition]: deploymentsByEnd(projectId),
          [INDEX.byEnd.sort]: byTime(finishedAt, id),
        }),
  };
}

/** In the open index while the sweep may have something to do. */
function workKeys(deployment: Deployment): Item {
  const moment = nextLookAt(deployment);
  if (moment === undefined) return {};
  return {
    [INDEX.work.partition]: openDeployments,
    [INDEX.work.sort]: byMoment(moment, deployment.id),
  };
}

/** Listed as unpublished from each write until the relay has announced it. */
function unpublishedKeys(deployment: Deployment): Item {
  if (deployment.published >= deployment.revision) return {};
  return {
    [INDEX.unpublished.partition]: unpublishedDeployments,
    [INDEX.unpublished.sort]: byMoment(Date.parse(deployment.updatedAt), deployment.id),
  };
}
