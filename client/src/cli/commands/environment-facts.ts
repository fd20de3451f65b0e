import type { EnvironmentView } from '../../../../shared/contracts/environments.ts';

/** One environment in words, a row for each thing that there is to say. */
export function factsOf(environment: EnvironmentView): [string, string | undefined][] {
  const { slot, healthCheck, timeouts, configuration } = environment;
  return [
    ['name', `${environment.name}${environment.isDefault ? ' (default)' : ''}`],
    ['type', environment.type],
    ['url', environment.url],
    ['active', environment.active ?? 'nothing'],
    ['health', environment.health && wordsOfHealth(environment.health)],
    ['previous good', environment.previousGood],
    ['slot', slot.owner === undefined ? 'free' : `${slot.owner} since ${slot.since} (${slot.reason})`],
    ['queue', environment.queue.join(', ') || undefined],
    ['pinned', environment.pin && `by ${environment.pin.deploymentId}: ${environment.pin.reason}`],
    ['blocked', environment.blocked.map(wordsOfBlocked).join(', ') || undefined],
    ['concurrency', environment.concurrency],
    ['promoted from', environment.promoteFrom?.join(', ') || undefined],
    ['approvals', environment.approvals && JSON.stringify(environment.approvals)],
    ['rollback on failure', environment.rollbackOnFailure ? 'yes' : 'no'],
    ['health check', healthCheck && JSON.stringify(healthCheck)],
    ...hookRows(environment),
    ['log days', environment.retention && String(environment.retention.logDays)],
    ['timeouts', compact(timeouts)],
    ['configuration', compact(configuration)],
  ];
}

const wordsOfBlocked = ({ versionNumber, reason }: EnvironmentView['blocked'][number]) =>
  `version #${versionNumber} (${reason})`;

function hookRows({ hooks }: EnvironmentView): [string, string | undefined][] {
  if (hooks === undefined) return [];
  const shown = (list: typeof hooks.pre) => list.map(wordsOfHook).join(', ') || undefined;
  const rule = hooks.post.length === 0 ? undefined : hooks.onPostFailure;
  return [
    ['pre hooks', shown(hooks.pre)],
    ['post hooks', shown(hooks.post)],
    ['failing post hook', rule === 'warn' ? 'warns' : rule && 'fails the deployment'],
  ];
}

/** Path and query of an address may hold a secret, and a command is long. */
const wordsOfHook = (hook: NonNullable<EnvironmentView['hooks']>['pre'][number]) =>
  hook.type === 'http'
    ? `${hook.name} (${hook.method ?? 'POST'} to ${URL.parse(hook.url)?.host ?? hook.url})`
    : `${hook.name} (command)`;

const wordsOfHealth = ({ state, deploymentId, reason }: NonNullable<EnvironmentView['health']>) =>
  reason === undefined ? state : `${state}: ${deploymentId} is live although it failed: ${reason}`;

const compact = (value: object) => (Object.keys(value).length === 0 ? undefined : JSON.stringify(value));
