import { type Actor, may } from '../../shared/domain/access.ts';
import type { Deployment } from '../../shared/domain/records.ts';
import { NotFound } from '../../shared/errors/requests.ts';
import { RUNNER_TOPIC } from '../../shared/platform/frames.ts';
import { getDeployment } from '../../shared/store/deployments.ts';
import { getProject } from '../../shared/store/projects.ts';
import { sees } from '../http/auth.ts';
import type { RealtimeDeps } from './deps.ts';

/** A topic that the actor may watch, with what is known of it. */
export type Topic =
  | { readonly kind: 'runner' }
  | { readonly kind: 'deployment'; readonly deployment: Deployment }
  /** `environments`: those that the actor may see; absent: all. */
  | {
      readonly kind: 'project';
      readonly projectId: string;
      readonly environments?: readonly string[] | undefined;
    };

const CODES: Readonly<Record<string, 'PROJECT_NOT_FOUND' | 'RUNNER_NOT_FOUND'>> = {
  project: 'PROJECT_NOT_FOUND',
  [RUNNER_TOPIC]: 'RUNNER_NOT_FOUND',
};

/**
 * Finds the topic for this actor.
 * @throws NotFound in the same words for what is not there and for what may not be seen
 */
export async function findTopic({ store }: RealtimeDeps, actor: Actor, name: string): Promise<Topic> {
  if (name === RUNNER_TOPIC && actor.kind === 'runner') return { kind: 'runner' };
  const [kind, id = ''] = name.split(':');
  if (actor.kind === 'api' && kind === 'deployment') {
    const deployment = await getDeployment(store, id);
    if (deployment !== undefined && sees(actor, deployment)) return { kind, deployment };
  }
  if (actor.kind === 'api' && kind === 'project' && sees(actor, { projectId: id })) {
    const project = await getProject(store, id);
    if (project !== undefined) return { kind, projectId: id, environments: environmentsOf(actor, id) };
  }
  throw new NotFound(CODES[kind ?? ''] ?? 'DEPLOYMENT_NOT_FOUND', `The topic ${name}`);
}

function environmentsOf(actor: Actor, projectId: string): string[] | undefined {
  if (may(actor, 'viewer', { projectId })) return undefined;
  return actor.grants.flatMap((grant) =>
    grant.projectId === projectId && grant.environment !== undefined ? [grant.environment] : [],
  );
}
