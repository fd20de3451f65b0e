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
export {
  beginStage,
  type Entry,
  failStage,
  failureChanges,
  finishStage,
  type NotedClaim,
  noteClaim,
  reportProgress,
  type StageFacts,
  stageDone,
  stageOf,
  wakeGate,
} from './stages.ts';
