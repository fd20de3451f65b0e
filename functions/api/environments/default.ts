import type { Environment } from '../../../shared/domain/records.ts';
import { projectNotFound } from '../../../shared/errors/not-found.ts';
import type { StoreContext } from '../../../shared/store/context.ts';
import type { Write } from '../../../shared/store/engine.ts';
import { environmentChange } from '../../../shared/store/environments.ts';
import { projectWithEnvironments } from '../../../shared/store/projects.ts';

/**
 * The writes that take `isDefault` from the environment that has it, so that a project has exactly one, and whose
 * they are. Empty where nobody else has it.
 */
export function dethroned(
  ctx: StoreContext,
  environments: readonly Environment[],
  heir: string,
): { readonly names: readonly string[]; readonly writes: readonly Write[] } {
  const found = environments.filter(({ isDefault, name }) => isDefault && name !== heir);
  return {
    names: found.map(({ name }) => name),
    writes: found.map((environment) => environmentChange(ctx, environment, { isDefault: false }).write),
  };
}

export async function environmentsOf(ctx: StoreContext, projectId: string): Promise<readonly Environment[]> {
  const found = await projectWithEnvironments(ctx, projectId);
  if (found === undefined) throw projectNotFound(projectId);
  return found.environments;
}
