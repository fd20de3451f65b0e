import { address } from './address.ts';
import { claim } from './claim.ts';
import { program } from './program.ts';

export const jobRoutes = [claim, program, address] as const;
