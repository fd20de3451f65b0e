import { type Around, guardsAfter, healthAfter, leftBy, previousGoodAfter } from '../domain/after-ending.ts';
import type { Deployment, Environment, Project, Slot } from '../domain/records.ts';
import type { Ending } from '../domain/settlement.ts';
import { isTerminal } from '../domain/status.ts';
import { ConditionFailed } from '../errors/store.ts';
import { putInPurse, spentOn } from '../platform/account.ts';
import { isoTime } from '../platform/clock.ts';
import type { StoreContext } from './context.ts';
import { changed, getDeployment, withUnits } from './deployment-changes.ts';
import { deploymentUpdate } from './deployment-item.ts';
import { endedRecord, remembering } from './ended-record.ts';
import { transact, type Write } from './engine.ts';
import { goodNoted } from './good.ts';
import { deploymentKey } from './keys.ts';
import { leaveLine } from './line.ts';
import { projectServes } from './projects.ts';
import { configurationRestored } from './restored-configuration.ts';
import { rewriteSlot, type SlotWithLine, slotWithLine } from './slot.ts';
import { type Admissible, slotWithout, succession } from './succession.ts';

/** The records a settlement is about, as they were read. */
export interface Settling {
  readonly deployment: Deployment;
  /** Absent where they were deleted meanwhile: what waited outside of the line ends all the same. */
  readonly project?: Project | undefined;
  readonly environment?: Environment | undefined;
  /** The slot as it stood before what is served was read, where a person took it from the deployment. */
  readonly place?: Slot | undefined;
}

/** Starts that join the line move the slot; a settlement tries this often before it looks at everything again. */
const SLOT_TRIES = 30;
/** Position of the deployment's own record in the transaction. */
const OWN_RECORD = 0;

/**
 * The one transaction that ends a deployment: its record, the deployments whose release state changes with it,
 * the slot, which goes to the next in line, the project, and that its content succeeded here. Raises ConditionFailed where any of them changed
 * meanwhile: read again, decide again.
 * @param admissible who of the line may have the slot
 */
export async function settle(
  ctx: StoreContext,
  settling: Settling,
  ending: Ending,
  admissible: Admissible = () => true,
): Promise<Deployment> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryToSettle(ctx, settling, ending, admissible);
    } catch (error) {
      const isMoved = error instanceof ConditionFailed && !error.failed.includes(OWN_RECORD);
      if (!isMoved || attempt >= SLOT_TRIES) throw error;
      await ctx.clock.sleep(Math.min(5 * attempt, 50) * (0.5 + ctx.random.unit()));
    }
  }
}

async function tryToSettle(
  ctx: StoreContext,
  settling: Settling,
  ending: Ending,
  admissible: Admissible,
): Promise<Deployment> {
  const { deployment } = settling;
  const found = await slotWithLine(ctx, deployment.projectId, deployment.environment);
  const { slot } = found;
  const { place } = settling;
  if (place !== undefined && isMoved(slot, place)) throw new ConditionFailed([OWN_RECORD], {});
  const units = spentOn(deployment.id);
  const record = withUnits(deployment, {}, units).cost ?? deployment.cost;
  const now = ctx.clock.now();
  const told = endedRecord({ ...deployment, cost: record }, ending, now);
  const active = ending.active === 'same' ? slot.active : ending.active.deploymentId;
  const others = await releaseStateChanges(ctx, slot.active, active, told, now);
  const around: Around = {
    slot,
    ended: told,
    active,
    replaced: others.find(({ before }) => before.id === slot.active)?.before,
    back:
      told.releaseState === 'rolled-back' && active !== undefined
        ? await getDeployment(ctx, active)
        : undefined,
  };
  const ended = remembering(around, isoTime(now));
  const writes: Write[] = [
    rewrite(deployment, ended),
    ...others.map(({ before, after }) => rewrite(before, after)),
  ];
  const after = { ...around, ended };
  writes.push(
    ...(maySay(settling, slot, ending)
      ? await placeGivenUp(ctx, found, after, ending, admissible)
      : await lineLeft(ctx, found, ended, admissible)),
  );
  const project = projectWrite(settling, after, ending);
  if (project !== undefined) writes.push(project);
  const good = isTerminal(deployment.status) ? undefined : goodNoted(ended);
  if (good !== undefined) writes.push(good);
  const restored = await configurationRestored(ctx, settling, ended);
  if (restored !== undefined) writes.push(restored);
  try {
    await transact(ctx, writes);
  } catch (error) {
    putInPurse(deployment.id, units);
    throw error;
  }
  return ended;
}

/** May it say what the environment serves? As the owner of the slot, or by what it read while nobody had that. */
function maySay({ deployment, place }: Settling, { owner }: Slot, { active }: Ending): boolean {
  if (place === undefined) return owner === deployment.id;
  return active !== 'same';
}

const isMoved = (slot: Slot, { fence, line }: Slot) => slot.fence !== fence || slot.line !== line;

/** What becomes of the slot: kept while the target drains, handed on else. */
async function placeGivenUp(
  ctx: StoreContext,
  { slot, line }: SlotWithLine,
  around: Around,
  ending: Ending,
  admissible: Admissible,
): Promise<Write[]> {
  const next = nextSlot(around, ending);
  if (ending.draining) return [rewriteSlot(slot, next)];
  const { slot: handed, writes } = await succession(ctx, next, line, admissible);
  return [rewriteSlot(slot, handed), ...writes];
}

/** What becomes of the place where it stood in line; it may have had none. */
async function lineLeft(
  ctx: StoreContext,
  { slot, line }: SlotWithLine,
  { id }: Deployment,
  admissible: Admissible,
): Promise<Write[]> {
  const standing = line.find(({ deploymentId }) => deploymentId === id);
  if (standing === undefined) return [];
  const others = line.filter(({ deploymentId }) => deploymentId !== id);
  const left = await slotWithout(ctx, slot, id, others, admissible);
  return [leaveLine(standing), rewriteSlot(slot, left.slot), ...left.writes];
}

const rewrite = (before: Deployment, after: Deployment): Write => ({
  key: deploymentKey(after.id),
  update: deploymentUpdate(before, after),
});

interface Change {
  readonly before: Deployment;
  readonly after: Deployment;
}

/** The other deployments whose release state is no longer true: what was live, and what is live instead. */
async function releaseStateChanges(
  ctx: StoreContext,
  was: string | undefined,
  is: string | undefined,
  ended: Deployment,
  now: number,
): Promise<Change[]> {
  const left = is === ended.id ? leftBy(ended, isoTime(now)) : undefined;
  const wanted: [string | undefined, Pick<Deployment, 'releaseState' | 'rolledBack'>][] =
    was === is
      ? []
      : [
          [
            was,
            left === undefined
              ? { releaseState: 'inactive' }
              : { releaseState: 'rolled-back', rolledBack: left },
          ],
          [is, { releaseState: 'active' }],
        ];
  const changes: Change[] = [];
  for (const [id, change] of wanted) {
    if (id === undefined || id === ended.id) continue;
    const before = await getDeployment(ctx, id);
    // What another installation left on the target is served, but is no record of ours.
    if (before === undefined || before.releaseState === change.releaseState) continue;
    changes.push({ before, after: changed(before, change, now) });
  }
  return changes;
}

function nextSlot(around: Around, ending: Ending): Slot {
  const { slot, ended, active } = around;
  const { owner: _owner, since: _since, reason: _reason, ...rest } = slot;
  const served = {
    ...rest,
    active,
    previousGood: previousGoodAfter(around),
    ...guardsAfter(around, ended.updatedAt),
    health: healthAfter(around),
    url: ending.active === 'same' ? slot.url : ending.active.url,
    line: slot.line + 1,
  };
  return ending.draining
    ? { ...served, owner: ended.id, since: slot.since, reason: `draining:${ended.id}` }
    : served;
}

/** The project shows what its default environment serves; another one only as long as there is nothing to show. */
function projectWrite({ project, environment }: Settling, around: Around, ending: Ending): Write | undefined {
  const { ended } = around;
  if (ending.releaseState !== 'active' || project === undefined || environment === undefined)
    return undefined;
  if (!environment.isDefault && project.currentVersion !== undefined) return undefined;
  return projectServes(
    project.id,
    {
      lifecycle: ended.status === 'succeeded' ? 'active' : 'deployed',
      online: true,
      health: healthAfter(around)?.state ?? 'unknown',
      currentVersion: ended.versionId,
      deployedAt: 'finishedAt' in ended ? ended.finishedAt : ended.updatedAt,
      deployedBy: ended.trigger.actor,
      deployedConfiguration: ended.snapshot.configuration,
    },
    ended.updatedAt,
  );
}
