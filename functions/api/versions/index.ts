import { completeVersion } from './complete.ts';
import { postVersion } from './create.ts';
import { getVersion, getVersions } from './read.ts';

export const versionRoutes = [postVersion, getVersions, getVersion, completeVersion];
