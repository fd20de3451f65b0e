import type { DeploymentStatusView } from '../../../shared/contracts/deployment-status.ts';
import type { DeploymentView } from '../../../shared/contracts/deployments.ts';
import { dict, flag, list, maybe, num, shape, text } from '../shape.ts';

// What several shapes of a deployment have in common.

export type Known<T, K extends keyof T> = NonNullable<T[K]>;

export const possible = { canCancel: flag(), canRetry: flag(), canRollback: flag() };
/** How it stands at the moment of the answer, of a row as of its status. */
export const standing = {
  reasons: dict<DeploymentStatusView['reasons']>(text()),
  health: shape<DeploymentStatusView['health']>({ state: text(), message: text(), checkedAt: maybe(text()) }),
  estimatedRemainingSeconds: maybe(num()),
};

export const error = shape<Known<DeploymentView, 'error'>>({
  code: text(),
  stage: text(),
  message: text(),
  cause: maybe(text()),
  exitCode: maybe(num()),
  retryable: flag(),
  suggestion: text(),
  recovery: text(),
  severity: text(),
});

export const rollout = shape<Known<DeploymentView, 'rollout'>>({
  step: num(),
  steps: list(
    shape<Known<DeploymentView, 'rollout'>['steps'][number]>({ weight: num(), bakeSeconds: num() }),
  ),
  weight: num(),
  until: maybe(text()),
});

export const queue = shape<Known<DeploymentView, 'queue'>>({ position: num(), behind: maybe(text()) });
