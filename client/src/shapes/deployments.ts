import type { CancelView } from '../../../shared/contracts/cancel.ts';
import type { DeploymentView } from '../../../shared/contracts/deployments.ts';
import { dict, flag, list, maybe, num, settings, shape, text } from '../shape.ts';
import { common } from './deployment-lists.ts';
import { error, type Known, queue, rollout } from './deployment-parts.ts';

const byWhom = { at: text(), by: text(), reason: text() };

export const deploymentView = shape<DeploymentView>({
  ...common,
  rollout: maybe(rollout),
  configSnapshot: settings(),
  parametersSnapshot: settings(),
  hooksSnapshot: maybe(settings<Known<DeploymentView, 'hooksSnapshot'>>()),
  repository: maybe(shape<Known<DeploymentView, 'repository'>>({ url: text() })),
  target: shape({ kind: text() }),
  buildId: maybe(text()),
  runner: maybe(text()),
  artifact: maybe(shape<Known<DeploymentView, 'artifact'>>({ id: text(), digest: text(), size: num() })),
  previewUrls: list(text()),
  parentDeploymentId: maybe(text()),
  retryCount: num(),
  previousDeploymentId: maybe(text()),
  previousGood: maybe(text()),
  rollback: maybe(
    shape<Known<DeploymentView, 'rollback'>>({
      ...byWhom,
      ofDeploymentId: text(),
      targetDeploymentId: text(),
      automatic: flag(),
    }),
  ),
  rolledBack: maybe(shape<Known<DeploymentView, 'rolledBack'>>({ ...byWhom, deploymentId: text() })),
  queue: maybe(queue),
  approval: maybe(
    shape<Known<DeploymentView, 'approval'>>({
      required: num(),
      groups: maybe(list<string[]>(text())),
      allowSelf: flag(),
      given: list(
        shape<Known<DeploymentView, 'approval'>['given'][number]>({
          by: text(),
          at: text(),
          comment: maybe(text()),
        }),
      ),
      digest: text(),
      requestedAt: text(),
      expiresAt: text(),
    }),
  ),
  freezeOverrides: maybe(
    list<Known<DeploymentView, 'freezeOverrides'>>(
      shape<Known<DeploymentView, 'freezeOverrides'>[number]>({ ...byWhom, freezeId: text() }),
    ),
  ),
  schedule: maybe(
    shape<Known<DeploymentView, 'schedule'>>({ id: text(), at: text(), window: num(), autoCancel: flag() }),
  ),
  validation: shape<DeploymentView['validation']>({
    passed: flag(),
    checks: list(
      shape<DeploymentView['validation']['checks'][number]>({
        name: text(),
        passed: flag(),
        message: text(),
      }),
    ),
    errors: list(text()),
    warnings: list(text()),
    suggestions: maybe(list<string[]>(text())),
  }),
  error: maybe(error),
  purges: maybe(
    list<Known<DeploymentView, 'purges'>>(
      shape<Known<DeploymentView, 'purges'>[number]>({
        ...byWhom,
        from: num(),
        to: num(),
        doneAt: maybe(text()),
        checkedAt: maybe(text()),
      }),
    ),
  ),
  cancelRequested: maybe(
    shape<Known<DeploymentView, 'cancelRequested'>>({
      at: text(),
      by: text(),
      reason: maybe(text()),
      code: maybe(text<Known<Known<DeploymentView, 'cancelRequested'>, 'code'>>()),
    }),
  ),
  cost: dict(num()),
  stages: list(
    shape<DeploymentView['stages'][number]>({
      name: text(),
      status: text(),
      startedAt: maybe(text()),
      finishedAt: maybe(text()),
      attempts: num(),
      message: maybe(text()),
    }),
  ),
  hooks: maybe(
    list<Known<DeploymentView, 'hooks'>>(
      shape<Known<DeploymentView, 'hooks'>[number]>({
        phase: text(),
        name: text(),
        type: text(),
        status: text(),
        startedAt: maybe(text()),
        finishedAt: maybe(text()),
        exitCode: maybe(num()),
        message: maybe(text()),
      }),
    ),
  ),
  updatedAt: text(),
  revision: num(),
});

export const cancelView = shape<CancelView>({ outcome: text(), until: maybe(text()) });
