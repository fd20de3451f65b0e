import { createHash } from 'node:crypto';
import type { Json } from './json.ts';
import type { Deployment, DeploymentSource, Snapshot } from './records.ts';

/**
 * SHA-256 of everything that an approval covers: what is deployed (commit or artifact), where, with which
 * configuration, parameters, variables (their revisions, never their values), build, target and strategy.
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
  const { configuration, parameters, variables, build, target } = snapshot;
  const revisions = Object.fromEntries(
    Object.entries(variables).map(([key, { revision }]) => [key, revision]),
  );
  const what = source.commit?.sha ?? artifact?.digest ?? source.ref;
  const covered = { what, environment, strategy, steps, configuration, parameters, revisions, build, target };
  // Through text, so that what is absent and what is undefined are the same.
  return createHash('sha256')
    .update(canonical(JSON.parse(JSON.stringify(covered))))
    .digest('hex');
}

/** JSON whose text depends on what it says and not on the order in which it was put together. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}
