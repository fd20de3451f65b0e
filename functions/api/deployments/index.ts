import { getDeployments, getProjectDeployments } from './list.ts';
import { postDeployment } from './post.ts';
import { getDeployment, getDeploymentStatus } from './read.ts';
import { getDeploymentArtifacts, getDeploymentResult } from './result.ts';

export const deploymentRoutes = [
  postDeployment,
  getDeployments,
  getProjectDeployments,
  getDeployment,
  getDeploymentStatus,
  getDeploymentResult,
  getDeploymentArtifacts,
];
