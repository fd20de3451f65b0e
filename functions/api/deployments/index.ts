import { postAbort } from './abort.ts';
import { postApprove } from './approve.ts';
import { postCancel } from './cancel.ts';
import { getDeployments, getProjectDeployments } from './list.ts';
import { postDeployment } from './post.ts';
import { postPromote } from './promote.ts';
import { getDeployment, getDeploymentStatus } from './read.ts';
import { postReject } from './reject.ts';
import { getDeploymentArtifacts, getDeploymentResult } from './result.ts';
import { postRetry } from './retry.ts';
import { postRollback } from './rollback.ts';

export const deploymentRoutes = [
  postDeployment,
  postCancel,
  postRetry,
  postRollback,
  postPromote,
  postAbort,
  postApprove,
  postReject,
  getDeployments,
  getProjectDeployments,
  getDeployment,
  getDeploymentStatus,
  getDeploymentResult,
  getDeploymentArtifacts,
];
