import { join, resolve } from 'node:path';
import { givenFolder } from './environment.ts';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..');

/** Where the emulator is installed, shared by everything in this checkout that starts one. */
export const INSTALL = join(ROOT, '.slipway');

/** Everything else that npm start writes; removing both removes every trace. */
export const HOME = resolve(givenFolder() ?? INSTALL);
