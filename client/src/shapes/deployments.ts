import type * as z from 'zod/mini';
import type { CancelView } from '../../../shared/contracts/cancel.ts';
import type { deploymentRow as rowContract } from '../../../shared/contracts/deployment-lists.ts';
import type { artifactLink, DeploymentResult } from '../../../shared/contracts/deployment-result.ts';
import type { DeploymentStatusView } from '../../../shared/contracts/deployment-status.ts';
import type { DeploymentView } from '../../../shared/contracts/deployments.ts';
import { dict, flag, list, type Members, maybe, num, settings, shape, text } from '../shape.ts';
import { logLine } from './logs.ts';

export type DeploymentRow = z.infer<typeof rowContract>;
export type ArtifactLink = z.infer<typeof artifactLink>;
type Known<T, K extends keyof T> = NonNullable<T[K]>;

const possible = { canCancel: flag(), canRetry: flag(), canRollback: flag() };
/** How it stands at the moment of the answer, of a row as of its status. */
const standing = {
  reasons: dict<DeploymentStatusView['reasons']>(text()),
  health: shape<DeploymentStatusView['health']>({ state: text(), message: text(), checkedAt: maybe(text()) }),
  estimatedRemainingSeconds: maybe(num()),
};

/** What a row and a whole record have in common. */
const common: Members<Omit<DeploymentRow, 'error' | 'stageSeconds' | 'logs' | keyof typeof standing>> = {
  id: text(),
  projectId: text(),
  environment: text(),
  type: text(),
  method: text(),
  versionId: text(),
  versionNumber: num(),
  status: text(),
  releaseState: text(),
  stage: text(),
  progress: num(),
  message: maybe(text()),
  source: shape<DeploymentRow['source']>({
    type: text(),
    ref: text(),
    commit: maybe(
      shape<Known<DeploymentRow['source'], 'commit'>>({
        sha: text(),
        message: maybe(text()),
        author: maybe(text()),
      }),
    ),
  }),
  trigger: shape<DeploymentRow['trigger']>({ kind: text(), actor: text(), key: maybe(text()) }),
  strategy: text(),
  url: maybe(text()),
  createdAt: text(),
  startedAt: maybe(text()),
  finishedAt: maybe(text()),
  durationSeconds: maybe(num()),
  currentStep: text(),
  ...possible,
};

export const deploymentRow = shape<DeploymentRow>({
  ...common,
  ...standing,
  error: maybe(shape<Known<DeploymentRow, 'error'>>({ code: text(), stage: text(), message: text() })),
  stageSeconds: maybe(dict<Known<DeploymentRow, 'stageSeconds'>>(maybe(num()))),
  logs: maybe(list<Known<DeploymentRow, 'logs'>>(logLine)),
});

const error = shape<Known<DeploymentView, 'error'>>({
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

const rollout = shape<Known<DeploymentView, 'rollout'>>({
  step: num(),
  steps: list(
    shape<Known<DeploymentView, 'rollout'>['steps'][number]>({ weight: num(), bakeSeconds: num() }),
  ),
  weight: num(),
  until: maybe(text()),
});

const queue = shape<Known<DeploymentView, 'queue'>>({ position: num(), behind: maybe(text()) });
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

export const deploymentStatusView = shape<DeploymentStatusView>({
  ...possible,
  ...standing,
  id: text(),
  status: text(),
  releaseState: text(),
  stage: text(),
  progress: num(),
  currentStep: text(),
  message: maybe(text()),
  liveMetrics: maybe(
    shape<Known<DeploymentStatusView, 'liveMetrics'>>({
      stage: text(),
      elapsedSeconds: num(),
      stageElapsedSeconds: num(),
      lines: num(),
      bytes: num(),
      linesPerSecond: num(),
    }),
  ),
  queue: maybe(queue),
  rollout: maybe(rollout),
  url: maybe(text()),
  error: maybe(error),
  revision: num(),
  at: text(),
});

export const deploymentResult = shape<DeploymentResult>({
  id: text(),
  success: flag(),
  status: text(),
  releaseState: text(),
  deploymentUrl: maybe(text()),
  previewUrls: list(text()),
  artifactUrls: list(text()),
  metrics: shape<DeploymentResult['metrics']>({
    durationSeconds: num(),
    buildSize: maybe(num()),
    buildFiles: maybe(num()),
    buildTime: maybe(num()),
  }),
  errors: list(error),
  warnings: list(text()),
  summary: text(),
});

export const artifactLinks = shape<{ readonly items: readonly ArtifactLink[] }>({
  items: list(
    shape<ArtifactLink>({
      id: text(),
      digest: text(),
      size: num(),
      files: num(),
      url: text(),
      expiresAt: text(),
    }),
  ),
});

export const cancelView = shape<CancelView>({ outcome: text(), until: maybe(text()) });
