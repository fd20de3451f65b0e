import { postCancel } from './cancel.ts';
import { getDeployments, getProjectDeployments } from './list.ts';
import { postDeployment } from './post.ts';
import { getDeployment, getDeploymentStatus } from './read.ts';
import { getDeploymentArtifacts, getDeploymentResult } from './result.ts';

export const deploymentRoutes = [
  postDeployment,
  postCancel,
  getDeployments,
  getProjectDeployments,
  getDeployment,
  getDeploymentStatus,
  getDeploymentResult,
  getDeploymentArtifacts,
];
