import type { EnvironmentView } from '../../../shared/contracts/environments.ts';
import type { ProjectRow, ProjectView } from '../../../shared/contracts/projects.ts';
import type { VariableView } from '../../../shared/contracts/variables.ts';
import { flag, list, type Members, maybe, num, settings, shape, text } from '../shape.ts';

type Known<T, K extends keyof T> = NonNullable<T[K]>;

const served: Members<Omit<ProjectRow, 'targetKind' | 'repositoryUrl'>> = {
  id: text(),
  name: text(),
  lifecycle: text(),
  online: flag(),
  health: text(),
  currentVersion: maybe(text()),
  deployedAt: maybe(text()),
  deployedBy: maybe(text()),
  createdAt: text(),
  updatedAt: text(),
  revision: num(),
};

export const projectRow = shape<ProjectRow>({ ...served, targetKind: text(), repositoryUrl: maybe(text()) });

export const projectView = shape<ProjectView>({
  ...served,
  target: settings(),
  repository: maybe(settings<Known<ProjectView, 'repository'>>()),
  build: maybe(settings<Known<ProjectView, 'build'>>()),
  configuration: settings(),
  parameters: settings(),
  dependsOn: list(text()),
  requiredVariables: maybe(list<string[]>(text())),
  settings: settings(),
  deployedConfiguration: maybe(settings<Known<ProjectView, 'deployedConfiguration'>>()),
});

const because = { deploymentId: text(), at: text(), reason: text(), versionNumber: num() };

export const environmentView = shape<EnvironmentView>({
  name: text(),
  projectId: text(),
  type: text(),
  isDefault: flag(),
  configuration: settings(),
  concurrency: text(),
  approvals: maybe(settings<Known<EnvironmentView, 'approvals'>>()),
  promoteFrom: maybe(list<string[]>(text())),
  healthCheck: maybe(settings<Known<EnvironmentView, 'healthCheck'>>()),
  hooks: maybe(settings<Known<EnvironmentView, 'hooks'>>()),
  rollbackOnFailure: flag(),
  timeouts: settings(),
  retention: maybe(settings<Known<EnvironmentView, 'retention'>>()),
  active: maybe(text()),
  previousGood: maybe(text()),
  url: maybe(text()),
  health: maybe(
    shape<Known<EnvironmentView, 'health'>>({ ...because, state: text(), reason: maybe(text()) }),
  ),
  pin: maybe(shape<Known<EnvironmentView, 'pin'>>({ ...because, by: text() })),
  blocked: list(shape<EnvironmentView['blocked'][number]>({ ...because, key: text(), versionId: text() })),
  slot: shape<EnvironmentView['slot']>({ owner: maybe(text()), since: maybe(text()), reason: maybe(text()) }),
  queue: list(text()),
  createdAt: text(),
  updatedAt: text(),
  revision: num(),
});

export const variableView = shape<VariableView>({
  key: text(),
  sensitive: flag(),
  use: text(),
  revision: num(),
  value: maybe(text()),
  updatedAt: text(),
  updatedBy: text(),
});
