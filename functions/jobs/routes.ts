import { address } from './address.ts';
import { artifact } from './artifact.ts';
import { claim } from './claim.ts';
import { program } from './program.ts';

export const jobRoutes = [claim, program, address, artifact] as const;
