import type * as z from 'zod/mini';
import type { deploymentRow as rowContract } from '../../../shared/contracts/deployment-lists.ts';
import { dict, list, type Members, maybe, num, shape, text } from '../shape.ts';
import { type Known, possible, standing } from './deployment-parts.ts';
import { logLine } from './logs.ts';

export type DeploymentRow = z.infer<typeof rowContract>;

/** What a row and a whole record have in common. */
export const common: Members<Omit<DeploymentRow, 'error' | 'stageSeconds' | 'logs' | keyof typeof standing>> =
  {
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
