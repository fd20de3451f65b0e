import { hooksOfRollback, secretsOfHooks } from './hooks.ts';
import { newDeployment } from './new-deployment.ts';
import type {
  Deployment,
  Environment,
  OpenDeployment,
  Project,
  Snapshot,
  TargetSettings,
  Validation,
} from './records.ts';

export interface NewRollback {
  readonly id: string;
  readonly createdAt: string;
  /** Subject and token of whoever asked, or the rule that did. */
  readonly actor: { readonly subject: string; readonly tokenId?: string | undefined };
  readonly reason: string;
  readonly automatic: boolean;
  readonly force: boolean;
  readonly left: Deployment;
  readonly target: Deployment;
  readonly project: Project;
  readonly environment: Environment;
  readonly validation: Validation;
  readonly fence: number;
}

/**
 * A deployment that brings back an earlier one: its artifact, configuration, parameters and variable revisions, and
 * what was behind it to go back to. All of it is fixed here; the gate only freezes it.
 */
export function newRollback({
  left,
  target,
  project,
  environment,
  actor,
  ...given
}: NewRollback): OpenDeployment {
  const { id, createdAt, reason, automatic, force, validation, fence } = given;
  const made = newDeployment({
    id,
    projectId: target.projectId,
    environment: target.environment,
    method: 'rollback',
    message: reason,
    trigger: { kind: automatic ? 'automatic' : 'rollback', actor: actor.subject, key: actor.tokenId },
    force,
    rollbackOnFailure: environment.rollbackOnFailure,
    snapshot: restoredSnapshot(target.snapshot, project, environment),
    overrides: {},
    validation,
    createdAt,
    fence,
    version: { id: target.versionId, number: target.versionNumber },
    source: target.source,
  });
  return {
    ...made,
    type: 'rollback',
    artifact: target.artifact,
    previousGood: target.previousGood,
    rollback: {
      ofDeploymentId: left.id,
      targetDeploymentId: target.id,
      reason,
      by: actor.subject,
      at: createdAt,
      automatic,
    },
    stages: made.stages.map((stage) => {
      const message = LEFT_OUT.get(stage.name)?.(target.id);
      return message === undefined ? stage : { ...stage, status: 'skipped', message };
    }),
  };
}

/** Stages that the machine for rollbacks does not have. */
const LEFT_OUT = new Map<string, (target: string) => string>([
  ['build', (target) => `The artifact of ${target} goes live again.`],
  ['verify', () => 'A rollback goes live at once; live checks follow.'],
]);

/**
 * What it ran with, and where that goes today. Hooks speak of the environment, not of the version: they are today's, and
 * so are the secrets that sign them. Not frozen: no secret is read before the gate has passed.
 */
function restoredSnapshot(
  { hooks: _then, ...snapshot }: Snapshot,
  project: Project,
  environment: Environment,
): Snapshot {
  const hooks = hooksOfRollback(environment.hooks);
  const signing = Object.entries(environment.variables).filter(([name]) =>
    secretsOfHooks(hooks).includes(name),
  );
  return {
    ...snapshot,
    variables: { ...snapshot.variables, ...Object.fromEntries(signing) },
    target: targetToday(project.target, snapshot.target),
    timeouts: environment.timeouts,
    retention: environment.retention,
    ...(hooks === undefined ? {} : { hooks }),
    frozen: false,
  };
}

/** How pages answer belongs to what is restored; where the server is and how it is spoken to, to today. */
const targetToday = (today: TargetSettings, then: TargetSettings): TargetSettings =>
  today.kind === 'custom' ? today : then;
