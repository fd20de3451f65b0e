import { NotFound } from './requests.ts';

/**
 * What is answered where a thing does not exist, and where the caller may not see it: one maker for both,
 * so that the answers are the same to the letter.
 */
export const projectNotFound = (projectId: string) =>
  new NotFound('PROJECT_NOT_FOUND', `The project ${projectId}`, listed('GET /v1/projects', 'projects'));
export const environmentNotFound = (environment: string) =>
  new NotFound(
    'ENVIRONMENT_NOT_FOUND',
    `The environment ${environment}`,
    listed('GET /v1/projects/{projectId}/environments', 'envs --project <project>'),
  );
export const versionNotFound = (versionId: string) =>
  new NotFound(
    'VERSION_NOT_FOUND',
    `The version ${versionId}`,
    listed('GET /v1/projects/{projectId}/versions', 'versions --project <project>'),
  );
export const variableNotFound = (key: string) =>
  new NotFound(
    'VARIABLE_NOT_FOUND',
    `The variable ${key}`,
    listed('GET /v1/projects/{projectId}/environments/{name}/variables', 'vars --project <project>'),
  );
export const tokenNotFound = (tokenId: string) =>
  new NotFound('TOKEN_NOT_FOUND', `The token ${tokenId}`, listed('GET /v1/tokens', 'tokens'));
export const runnerNotFound = (runnerId: string) =>
  new NotFound('RUNNER_NOT_FOUND', `The runner ${runnerId}`, listed('GET /v1/runners', 'runner'));
export const deploymentNotFound = (deploymentId: string) =>
  new NotFound(
    'DEPLOYMENT_NOT_FOUND',
    `The deployment ${deploymentId}`,
    listed('GET /v1/deployments', 'list'),
  );
export const freezeNotFound = (freezeId: string) =>
  new NotFound('FREEZE_NOT_FOUND', `The freeze ${freezeId}`, listed('GET /v1/freezes', 'freeze'));
export const scheduleNotFound = (scheduleId: string) =>
  new NotFound('SCHEDULE_NOT_FOUND', `The schedule ${scheduleId}`, listed('GET /v1/schedules', 'schedule'));

/** Where the right name or id is found. The same words for everybody, so they tell nothing of what is hidden. */
const listed = (route: string, command: string) => ({
  suggestion: `${route} (slipway ${command}) lists what the token may see.`,
});
