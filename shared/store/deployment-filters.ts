import type { DeploymentRow, OpenRow, StoredRow } from '../domain/deployment-row.ts';
import type { Status } from '../domain/status.ts';
import {
  allDeployments,
  deploymentsByActor,
  deploymentsByEnd,
  deploymentsByOutcome,
  deploymentsByRef,
  deploymentsByStart,
  deploymentsIn,
  deploymentsOf,
} from './keys.ts';
import { INDEX, type IndexShape } from './tables.ts';

export interface DeploymentFilters {
  readonly projectId?: string | undefined;
  readonly environment?: string | undefined;
  readonly statuses?: readonly Status[] | undefined;
  readonly releaseState?: string | undefined;
  readonly triggeredBy?: string | undefined;
  readonly sourceRef?: string | undefined;
  readonly stage?: string | undefined;
  readonly type?: string | undefined;
  /** ISO: at or after, and before, the moment that the list is sorted by. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** By creation unless given; the others need a project, and list only what has come that far. */
  readonly sortBy?: 'created' | 'started' | 'finished' | undefined;
}

/** May the caller see it? By what never changes of a deployment. */
export type Visible = (row: OpenRow) => boolean;

type Answered = 'sourceRef' | 'statuses' | 'triggeredBy' | 'environment' | undefined;

/** How a list is read. */
export interface Plan {
  readonly index: IndexShape;
  readonly partition: string;
  /** By what never changes: stands in every row. */
  readonly mayKeep: (row: StoredRow) => boolean;
  /** By what changes; undefined where nobody asks for it. */
  readonly keep: ((row: DeploymentRow) => boolean) | undefined;
  /** Nothing but what the index has in that partition is asked for. */
  readonly answersAll: boolean;
}

export function planFor(filters: DeploymentFilters, visible: Visible | undefined): Plan {
  const { index, partition, answered } = indexFor(filters);
  const fixed = fixedTests(filters, answered, visible);
  const keep = changingTest(filters);
  const asksStatusOnly = filters.releaseState === undefined && filters.stage === undefined;
  return {
    index,
    partition,
    mayKeep: (row) => fixed.every((test) => test(row)),
    keep,
    answersAll: fixed.length === 0 && (keep === undefined || (answered === 'statuses' && asksStatusOnly)),
  };
}

/** The most selective index that the filters allow; all but the first need the project. */
function indexFor(filters: DeploymentFilters): { index: IndexShape; partition: string; answered: Answered } {
  const { projectId, environment, statuses, triggeredBy, sourceRef } = filters;
  if (projectId === undefined) return { index: INDEX.all, partition: allDeployments, answered: undefined };
  if (filters.sortBy === 'started')
    return { index: INDEX.byStart, partition: deploymentsByStart(projectId), answered: undefined };
  if (filters.sortBy === 'finished')
    return { index: INDEX.byEnd, partition: deploymentsByEnd(projectId), answered: undefined };
  if (sourceRef !== undefined) {
    return { index: INDEX.byRef, partition: deploymentsByRef(projectId, sourceRef), answered: 'sourceRef' };
  }
  const [status, ...more] = statuses ?? [];
  if (status !== undefined && more.length === 0) {
    const partition = deploymentsByOutcome(projectId, status);
    return { index: INDEX.byOutcome, partition, answered: 'statuses' };
  }
  if (triggeredBy !== undefined) {
    const partition = deploymentsByActor(projectId, triggeredBy);
    return { index: INDEX.byActor, partition, answered: 'triggeredBy' };
  }
  if (environment !== undefined) {
    const partition = deploymentsIn(projectId, environment);
    return { index: INDEX.byEnvironment, partition, answered: 'environment' };
  }
  return { index: INDEX.byProject, partition: deploymentsOf(projectId), answered: undefined };
}

/** What the index does not answer of what never changes. */
function fixedTests(
  { environment, triggeredBy, sourceRef, type }: DeploymentFilters,
  answered: Answered,
  visible: Visible | undefined,
): ((row: StoredRow) => boolean)[] {
  const tests: ((row: StoredRow) => boolean)[] = visible === undefined ? [] : [visible];
  if (environment !== undefined && answered !== 'environment')
    tests.push((row) => row.environment === environment);
  if (triggeredBy !== undefined && answered !== 'triggeredBy')
    tests.push((row) => row.trigger.actor === triggeredBy);
  if (sourceRef !== undefined && answered !== 'sourceRef') tests.push((row) => row.source.ref === sourceRef);
  if (type !== undefined) tests.push((row) => row.type === type);
  return tests;
}

/** What changes is looked at as it now stands, also where an index that lags has answered for it. */
function changingTest({
  statuses,
  releaseState,
  stage,
}: DeploymentFilters): ((row: DeploymentRow) => boolean) | undefined {
  if (statuses === undefined && releaseState === undefined && stage === undefined) return undefined;
  return (row) =>
    (statuses === undefined || statuses.includes(row.status)) &&
    (releaseState === undefined || row.releaseState === releaseState) &&
    (stage === undefined || row.stage === stage);
}

/** Sort keys begin with a time, so a period is part of the query. `~` sorts behind every id. */
export function range(index: IndexShape, partition: string, { from, to }: DeploymentFilters) {
  return {
    expression: '#pk = :pk AND #sk BETWEEN :from AND :to',
    names: { '#pk': index.partition, '#sk': index.sort },
    // A key is `<time>#<id>`, so the bare time sorts before every key of that moment: `to` is excluded.
    values: { ':pk': partition, ':from': from ?? '0', ':to': to ?? '~' },
  };
}
