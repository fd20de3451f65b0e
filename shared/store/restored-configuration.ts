import { mergeLayers } from '../domain/merge.ts';
import type { Deployment, Environment, Project } from '../domain/records.ts';
import { restoredConfiguration } from '../domain/restored-configuration.ts';
import type { StoreContext } from './context.ts';
import type { Write } from './engine.ts';
import { environmentChange } from './environments.ts';
import { getVersion } from './versions.ts';

/**
 * The write that gives an environment the configuration that a rollback restored, as a new revision of its own; the
 * project's stays as it is. Undefined where there is nothing to change. It fails where somebody changed the
 * environment meanwhile.
 */
export async function configurationRestored(
  ctx: StoreContext,
  {
    project,
    environment,
  }: { readonly project?: Project | undefined; readonly environment?: Environment | undefined },
  ended: Deployment,
): Promise<Write | undefined> {
  if (ended.type !== 'rollback' || ended.status !== 'succeeded') return undefined;
  if (project === undefined || environment === undefined) return undefined;
  const version = await getVersion(ctx, ended.versionId);
  const below = mergeLayers(project.configuration, version?.configuration);
  const configuration = restoredConfiguration(environment.configuration, below, ended.snapshot.configuration);
  if (configuration === environment.configuration) return undefined;
  return environmentChange(ctx, environment, { configuration }).write;
}
