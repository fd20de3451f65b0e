/** The store's face for deployments: the record, its stages, its intents and its environment's slot. */
export { type Canceled, type CancelWish, requestCancel } from './cancel.ts';
export {
  changeDeployment,
  changeWith,
  type DeploymentChanges,
  getDeployment,
  getDeployments,
  markPublished,
  requireDeployment,
} from './deployment-changes.ts';
export {
  assertCallMayChange,
  assertRestoreMayChange,
  barredFromChanging,
  beginCall,
  beginRestore,
  endCall,
} from './intents.ts';
export { getSlot } from './slot.ts';
export { failStage, failureChanges } from './stage-failure.ts';
export { type Entry, stageDone, stageOf } from './stage-records.ts';
export { type NotedClaim, noteClaim, reportProgress, wakeGate } from './stage-reports.ts';
export { beginStage, finishStage, type StageFacts } from './stages.ts';
