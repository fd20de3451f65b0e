import { join } from 'node:path';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..');

/** Everything that npm start writes is in here, and removing it removes every trace. */
export const HOME = join(ROOT, '.slipway');
