import { patchEnvironment } from './change.ts';
import { postEnvironment } from './create.ts';
import { deleteEnvironmentRoute } from './delete.ts';
import { getEnvironment, getEnvironments } from './read.ts';
import { postSlotRelease } from './release-slot.ts';
import { deletePin } from './unpin.ts';

export const environmentRoutes = [
  postEnvironment,
  getEnvironments,
  getEnvironment,
  patchEnvironment,
  deleteEnvironmentRoute,
  deletePin,
  postSlotRelease,
];
