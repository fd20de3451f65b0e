import type { DeploymentView } from '../../../shared/contracts/deployments.ts';
import { stripped } from './visible.ts';

type Asked = Pick<DeploymentView, 'approval' | 'hooksSnapshot'>;
type Hook = NonNullable<Asked['hooksSnapshot']>['pre'][number];

/**
 * What whoever approves a deployment agrees to besides its source: hooks whole, since a request may bring some of its
 * own, and the digest that stands for everything.
 */
export function askedText({ approval, hooksSnapshot: hooks }: Asked): string[] {
  if (approval === undefined) return [];
  return [
    ...(hooks?.pre ?? []).map((hook) => `pre hook ${wordsOf(hook)}`),
    ...(hooks?.post ?? []).map((hook) => `post hook ${wordsOf(hook)}`),
    `to agree to this and nothing else: --digest ${approval.digest}`,
  ];
}

/** On one line and without colours: what is agreed to must not be able to hide. */
const wordsOf = (hook: Hook): string =>
  hook.type === 'command'
    ? `${hook.name}: ${JSON.stringify(stripped(hook.command))}`
    : `${hook.name}: ${hook.method ?? 'POST'} ${stripped(hook.url)}`;
