import type * as z from 'zod/mini';
import type { artifactLink, DeploymentResult } from '../../../shared/contracts/deployment-result.ts';
import { flag, list, maybe, num, shape, text } from '../shape.ts';
import { error } from './deployment-parts.ts';

export type ArtifactLink = z.infer<typeof artifactLink>;

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
