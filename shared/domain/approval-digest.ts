import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Deployment, DeploymentSource, Snapshot } from './records.ts';

/**
 * SHA-256 of everything that an approval covers: what is deployed (commit or artifact), where, with which
 * configuration, parameters, variables (their revisions, never their values), build, target, hooks and strategy.
 */
export function approvalDigest(
  {
    environment,
    strategy,
    steps,
    artifact,
  }: Pick<Deployment, 'environment' | 'strategy' | 'steps' | 'artifact'>,
  source: DeploymentSource,
  snapshot: Snapshot,
): string {
  const { configuration, parameters, variables, build, target, hooks } = snapshot;
  const revisions = Object.fromEntries(
    Object.entries(variables).map(([key, { revision }]) => [key, revision]),
  );
  const what = source.commit?.sha ?? artifact?.digest ?? source.ref;
  const ways = { strategy, steps, build, target, hooks };
  const covered = { what, environment, configuration, parameters, revisions, ...ways };
  return createHash('sha256').update(canonicalJson(covered)).digest('hex');
}
