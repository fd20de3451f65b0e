import { COUNTERS, NO_COST } from '../../shared/domain/cost.ts';
import type { Freeze } from '../../shared/domain/freezes.ts';
import type {
  Cost,
  DeploymentBase,
  Environment,
  Good,
  OpenDeployment,
  Project,
  Slot,
  UnsuccessfulDeployment,
  Version,
  Waiter,
} from '../../shared/domain/records.ts';
import type { Schedule } from '../../shared/domain/schedules.ts';
import type { Job } from '../../shared/store/job.ts';
import { variable } from './given.ts';
import { AT, AT_MS, aDeployment, anEnvironment, aProject, aVersion, ids } from './records.ts';

/**
 * Records with every field that they may have, for the pins of their stored shapes. A field that is added to a record
 * does not compile before it stands here.
 */
type Whole<T> = T extends readonly (infer E)[]
  ? readonly Whole<E>[]
  : T extends object
    ? { readonly [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
    : T;

const SHA = 'a'.repeat(40);
const DIGEST = 'b'.repeat(64);
const SCHEDULE = 'sch_01JHN000000000000000000005';
const FREEZE = 'frz_01JHN000000000000000000006';

const healthCheck = {
  url: 'https://shop.test',
  path: '/up',
  expectStatus: 200,
  timeoutSeconds: 1,
  intervalSeconds: 1,
  attempts: 1,
};
const timeouts = {
  claimSeconds: 60,
  heartbeatSeconds: 30,
  gateSeconds: 60,
  buildSeconds: 60,
  releaseSeconds: 60,
  verifySeconds: 60,
  activateSeconds: 60,
  drainSeconds: 60,
  deploymentSeconds: 600,
};
const build = {
  rootDirectory: 'web',
  installCommand: 'npm ci',
  buildCommand: 'npm run build',
  outputDirectory: 'dist',
  nodeVersion: '24',
  framework: 'vite',
};
const repository = {
  url: 'https://git.example.com/shop.git',
  defaultBranch: 'main',
  credential: 'GIT_TOKEN',
};
const target = { kind: 'site', fallback: 'spa' } as const;
const artifact = { key: 'artifacts/x.zip', digest: DIGEST, size: 1, files: 1 };
const commit = { sha: SHA, message: 'm', author: 'ann' };
const rule = { required: 2, groups: ['ops'], allowSelf: false, expiresInSeconds: 60 };
const vote = {
  by: 'ben',
  at: AT,
  comment: 'fine',
  voter: {
    tokenId: 'tok_1',
    grants: [{ role: 'approver', projectId: ids.project, environment: 'production' }],
    groups: ['ops'],
  },
} as const;
const error = {
  code: 'BUILD_FAILED',
  stage: 'build',
  message: 'Exit 7.',
  cause: 'c',
  exitCode: 7,
  retryable: false,
  suggestion: 'Read the last lines.',
  recovery: 'fix',
  severity: 'recoverable',
} as const;
const validation = {
  passed: false,
  checks: [{ name: 'project', passed: false, message: 'm' }],
  errors: ['m'],
  warnings: ['w'],
  suggestions: ['s'],
};
const stage = {
  name: 'gate',
  status: 'succeeded',
  startedAt: AT,
  finishedAt: AT,
  attempts: 1,
  message: 'm',
} as const;

const call = {
  type: 'http',
  name: 'announce',
  url: 'https://example.com',
  method: 'PUT',
  headers: {},
  secret: 'KEY',
  expectStatus: 204,
  timeoutSeconds: 5,
  onRollback: false,
} as const;
const command = {
  type: 'command',
  name: 'smoke',
  command: 'true',
  timeoutSeconds: 5,
  onRollback: true,
} as const;
const hooks = { pre: [call], post: [command], onPostFailure: 'warn' } as const;

/** By the prices of the month when it was stored. */
const dollars = { usd: 0.0037299648, control: 0.0003299648, build: 0.0034 };
const wholeCost: Cost = {
  ...NO_COST,
  ...Object.fromEntries(COUNTERS.map((name, i) => [name, i + 1])),
  ...dollars,
};

const { status: _status, ...made } = aDeployment();
const base: Whole<DeploymentBase> = {
  ...made,
  cost: wholeCost,
  stage: 'activate',
  message: 'Friday',
  note: 'stopping',
  source: { type: 'branch', ref: 'main', commit },
  trigger: { kind: 'api', actor: 'ann', key: 'tok_1' },
  strategy: 'canary',
  steps: [{ weight: 10, bakeSeconds: 60 }],
  rollout: {
    steps: [{ weight: 10, bakeSeconds: 60 }],
    step: 0,
    weight: 10,
    until: AT,
    promoted: { round: 1, at: AT, by: 'ann', all: true },
  },
  snapshot: {
    configuration: {},
    parameters: {},
    variables: {},
    build,
    target,
    healthCheck,
    repository,
    timeouts,
    retention: { logDays: 90 },
    hooks,
    frozen: true,
  },
  overrides: { configuration: {}, parameters: {}, hooks: { pre: [command], post: [call] } },
  hooks: [
    {
      phase: 'post',
      name: 'smoke',
      type: 'command',
      status: 'failed',
      startedAt: AT,
      finishedAt: AT,
      exitCode: 1,
      message: 'Exit 1.',
    },
  ],
  job: `${ids.deployment}.hook.1`,
  buildId: 'build-1',
  runner: 'laptop',
  artifact,
  releaseId: 'rel-1',
  url: 'https://shop.test',
  previewUrls: ['https://preview.shop.test'],
  previousDeploymentId: ids.previous,
  previousGood: ids.previous,
  rollback: {
    ofDeploymentId: ids.previous,
    targetDeploymentId: ids.previous,
    reason: 'broken',
    by: 'ann',
    at: AT,
    automatic: false,
  },
  rolledBack: { at: AT, by: 'ann', reason: 'broken', deploymentId: ids.previous },
  parentDeploymentId: ids.previous,
  validation,
  stages: [stage],
  startedAt: AT,
  fence: 3,
  ticket: 4,
  executionArn: 'arn:x',
  deadlines: {
    stage: AT_MS,
    total: AT_MS,
    claim: AT_MS,
    heartbeat: AT_MS,
    wait: AT_MS,
    cancel: AT_MS,
  },
  calls: { 'activate-1': AT_MS },
  activation: { round: 1, enteredAt: AT, work: { kind: 'step', step: 0 }, passed: true },
  activating: true,
  settling: { at: AT, by: 'machine' },
  cancelRequested: { at: AT, by: 'ann', reason: 'wrong', code: 'SUPERSEDED' },
  approval: {
    required: 2,
    groups: ['ops'],
    allowSelf: false,
    digest: DIGEST,
    requestedAt: AT,
    expiresAt: AT,
    given: [vote],
  },
  schedule: { scheduleId: SCHEDULE, at: AT, windowSeconds: 900, autoCancel: true },
  freezeOverrides: [{ freezeId: FREEZE, reason: 'a fix', by: 'ann', at: AT }],
  failure: error,
  undo: { at: AT, attempts: 1 },
  closing: true,
  purges: [{ from: 3, to: 4, reason: 'a token', by: 'ann', at: AT, rewrittenAt: AT, doneAt: AT }],
  archive: 1,
  draining: true,
  slotReleased: { at: AT, by: 'ann', reason: 'off' },
  entered: { gate: AT },
};

export const wholeDeployment: Whole<OpenDeployment> = { ...base, status: 'canceling' };

export const wholeEnded: Whole<UnsuccessfulDeployment> = {
  ...base,
  activation: { round: 2, enteredAt: AT, work: { kind: 'hook', hook: 0 }, passed: true },
  status: 'failed',
  finishedAt: AT,
  durationSeconds: 12,
  error,
};

export const wholeSlot: Whole<Slot> = {
  projectId: ids.project,
  environment: 'production',
  owner: ids.deployment,
  since: AT,
  reason: 'deployment',
  fence: 3,
  line: 5,
  ticket: 4,
  superseded: { before: 3, by: ids.deployment },
  active: ids.previous,
  previousGood: ids.previous,
  pin: { deploymentId: ids.previous, at: AT, by: 'ann', reason: 'broken', versionNumber: 1 },
  blocked: [
    {
      key: SHA,
      versionId: ids.version,
      versionNumber: 1,
      deploymentId: ids.previous,
      at: AT,
      reason: 'broken',
    },
  ],
  health: {
    state: 'unhealthy',
    deploymentId: ids.previous,
    versionNumber: 1,
    key: SHA,
    at: AT,
    reason: 'it answers 500',
  },
  url: 'https://shop.test',
};

export const wholeWaiter: Whole<Waiter> = {
  projectId: ids.project,
  environment: 'production',
  deploymentId: ids.deployment,
  ticket: 4,
  priority: 1,
  since: AT,
};

export const wholeGood: Whole<Good> = {
  projectId: ids.project,
  environment: 'staging',
  key: SHA,
  deploymentId: ids.previous,
  versionId: ids.version,
  at: AT,
};

export const wholeEnvironment: Whole<Environment> = {
  ...anEnvironment(),
  healthCheck,
  approvals: rule,
  promoteFrom: ['staging'],
  hooks,
  timeouts,
  retention: { logDays: 90 },
  variables: { API_URL: { ...variable({}), value: 'https://a.test' } },
};

export const wholeProject: Whole<Project> = {
  ...aProject(),
  target,
  repository,
  build,
  dependsOn: ['prj_01JHN000000000000000000009'],
  requiredVariables: ['API_URL'],
  settings: { runner: { kind: 'agent', label: 'default' }, submodules: true, startsPerMinute: 20 },
  health: 'healthy',
  currentVersion: ids.version,
  deployedAt: AT,
  deployedBy: 'ann',
  deployedConfiguration: {},
};

export const wholeVersion: Whole<Version> = {
  ...aVersion(),
  source: { type: 'git', ref: 'main' },
  commit,
  artifact,
  problem: 'a path leads outside',
};

export const wholeSchedule: Whole<Schedule> = {
  id: SCHEDULE,
  projectId: ids.project,
  environment: 'production',
  request: {},
  at: AT,
  cron: '0 8 * * 1',
  timezone: 'UTC',
  autoCancel: true,
  validateFirst: true,
  notifyBefore: 60,
  window: 900,
  generation: 1,
  nextAt: AT,
  deploymentId: ids.deployment,
  last: { occurrence: AT, outcome: 'refused', deploymentId: ids.deployment, message: 'm' },
  createdAt: AT,
  createdBy: { subject: 'ann', tokenId: 'tok_1' },
  updatedAt: AT,
  revision: 1,
};

export const wholeFreeze: Whole<Freeze> = {
  id: FREEZE,
  scope: { projectId: ids.project, environmentTypes: ['production'] },
  from: AT,
  to: AT,
  rrule: 'FREQ=WEEKLY',
  timezone: 'UTC',
  reason: 'the sale',
  createdAt: AT,
  createdBy: 'ann',
};

export const aJob: Job = {
  id: 'job_01JHN000000000000000000000',
  jobKey: `${ids.deployment}.build.0`,
  kind: 'build',
  round: 0,
  deploymentId: ids.deployment,
  projectId: ids.project,
  environment: 'production',
  runner: { kind: 'agent', label: 'default' },
  timeouts: { claimSeconds: 600, heartbeatSeconds: 60, workSeconds: 1800 },
  offeredAt: AT,
  claimDeadline: AT_MS,
  state: 'claimed',
  claim: { by: 'laptop', tokenId: 'tok_1', at: AT },
};
/** What newer jobs have besides. */
export const aJobWithHooks: Job = { ...aJob, withHooks: true };
export const proofs = { tokenSalt: 's', ticketHash: 'h', nonceHash: 'h', tokenHash: 'h' };
