import * as z from 'zod/mini';
import { ROLES } from '../domain/access.ts';
import { environmentName, projectId } from './ids.ts';

/** An environment alone means the environments of that name in every project. */
export const grant = z.strictObject({
  role: z.enum(ROLES),
  projectId: z.optional(projectId),
  environment: z.optional(environmentName),
});
