import { NotFound } from './requests.ts';

/**
 * What is answered where a thing does not exist, and where the caller may not see it: one maker for both,
 * so that the answers are the same to the letter.
 */
export const projectNotFound = (projectId: string) =>
  new NotFound('PROJECT_NOT_FOUND', `The project ${projectId}`);
export const environmentNotFound = (environment: string) =>
  new NotFound('ENVIRONMENT_NOT_FOUND', `The environment ${environment}`);
export const versionNotFound = (versionId: string) =>
  new NotFound('VERSION_NOT_FOUND', `The version ${versionId}`);
export const variableNotFound = (key: string) => new NotFound('VARIABLE_NOT_FOUND', `The variable ${key}`);
export const tokenNotFound = (tokenId: string) => new NotFound('TOKEN_NOT_FOUND', `The token ${tokenId}`);
export const runnerNotFound = (runnerId: string) =>
  new NotFound('RUNNER_NOT_FOUND', `The runner ${runnerId}`);
export const deploymentNotFound = (deploymentId: string) =>
  new NotFound('DEPLOYMENT_NOT_FOUND', `The deployment ${deploymentId}`);
export const freezeNotFound = (freezeId: string) => new NotFound('FREEZE_NOT_FOUND', `The freeze ${freezeId}`);
