import type { RollbackRequest } from '../../../shared/contracts/rollback.ts';
import type { Actor } from '../../../shared/domain/access.ts';
import { blockVerdict, guardsOfRollback } from '../../../shared/domain/blocked.ts';
import { newRollback } from '../../../shared/domain/new-rollback.ts';
import { isWhole } from '../../../shared/domain/prerequisites/artifact.ts';
import type { Deployment, Slot, Validation } from '../../../shared/domain/records.ts';
import { type Ineligible, type RollbackFacts, whyNoRollback } from '../../../shared/domain/rollback.ts';
import { deploymentNotFound, projectNotFound } from '../../../shared/errors/not-found.ts';
import { Conflict } from '../../../shared/errors/requests.ts';
import { type Created, type CreationPlan, createFrom } from '../../../shared/store/deployment-creation.ts';
import { requireDeployment } from '../../../shared/store/deployments.ts';
import type { Write } from '../../../shared/store/engine.ts';
import { requireEnvironment } from '../../../shared/store/environments.ts';
import type { CheckDeps } from '../../../shared/store/prerequisites.ts';
import { getProject, projectStands } from '../../../shared/store/projects.ts';
import { defaultTarget, openRollback } from '../../../shared/store/rollback-facts.ts';
import { slotWithLine } from '../../../shared/store/slot.ts';

export interface RollbackStart {
  readonly actor: Actor;
  readonly left: Deployment;
  readonly body: RollbackRequest;
  /** A write for the creating transaction, made from the deployment as it will stand (the kept first answer). */
  readonly alsoWrite: (created: Created) => readonly Write[];
}

/**
 * Creates a rollback: it owns its environment's slot or is the first in line for it, pins the environment, and
 * blocks what it leaves, all in one transaction.
 * @throws Conflict ROLLBACK_FAILED with every reason, NotFound for a target of another project or environment
 */
export function startRollback(deps: CheckDeps, start: RollbackStart): Promise<Created> {
  return createFrom(deps.store, () => plan(deps, start));
}

/** Decided anew whenever the environment's slot moves meanwhile. */
async function plan(
  { store, artifacts }: CheckDeps,
  { actor, left: asSeen, body, alsoWrite }: RollbackStart,
): Promise<CreationPlan> {
  const { projectId, environment: name } = asSeen;
  const [project, environment, found, left] = await Promise.all([
    getProject(store, projectId),
    requireEnvironment(store, projectId, name),
    slotWithLine(store, projectId, name),
    requireDeployment(store, asSeen.id),
  ]);
  if (project === undefined) throw projectNotFound(projectId);
  const { slot, line } = found;
  const target =
    body.targetDeploymentId === undefined
      ? await defaultTarget(store, slot)
      : ofSamePlace(left, await requireDeployment(store, body.targetDeploymentId));
  const artifact = target?.artifact;
  const artifactThere =
    artifact !== undefined && isWhole({ artifact, stored: await (await artifacts()).stored(artifact.key) });
  const open = await openRollback(store, slot, line);
  const facts: RollbackFacts = { project, slot, left, target, artifactThere, open, force: body.force };
  const refused = whyNoRollback(facts);
  if (refused !== undefined || target === undefined) throw ineligible(left, refused);
  const { subject, tokenId } = actor;
  return {
    project,
    environment,
    type: 'rollback',
    found,
    withIt: [projectStands(projectId)],
    alsoWrite,
    make: ({ id, createdAt, fence }) =>
      newRollback({
        id,
        createdAt,
        fence,
        actor: { subject, tokenId },
        reason: body.reason,
        automatic: false,
        force: body.force,
        left,
        target,
        project,
        environment,
        validation: validationOf(target, slot),
      }),
    guarding: (made, present) => guardsOfRollback(present, made, left, target),
  };
}

/** @throws NotFound, the same for one that is not there */
function ofSamePlace(left: Deployment, target: Deployment): Deployment {
  const isHere = target.projectId === left.projectId && target.environment === left.environment;
  if (!isHere) throw deploymentNotFound(target.id);
  return target;
}

function validationOf(target: Deployment, slot: Slot): Validation {
  const { source, versionNumber } = target;
  const { warning } = blockVerdict({ blocked: slot.blocked }, { source, versionNumber, trigger: 'rollback' });
  return {
    passed: true,
    checks: [
      { name: 'target', passed: true, message: `${target.id} succeeded here` },
      { name: 'artifact', passed: true, message: 'its artifact is kept' },
    ],
    errors: [],
    warnings: [
      ...(slot.active === undefined ? [] : [`it replaces deployment ${slot.active}`]),
      ...(warning === undefined ? [] : [warning]),
    ],
  };
}

function ineligible({ id, environment }: Deployment, refused: Ineligible | undefined): Conflict {
  const issues = refused?.issues ?? [];
  const reasons = issues.map(({ message }) => message).join('; ');
  return new Conflict('ROLLBACK_FAILED', `${environment} cannot be rolled back from ${id}: ${reasons}.`, {
    ...(refused === undefined ? {} : { suggestion: refused.suggestion }),
    ...(issues[0] === undefined ? {} : { field: issues[0].field }),
    facts: {
      issues,
      environment,
      ...(refused?.openId === undefined ? {} : { deploymentId: refused.openId }),
    },
  });
}
