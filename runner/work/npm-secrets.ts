import { readFileSync } from 'node:fs';
import type { RunnerSettings } from '../settings.ts';

/** Settings of npm that let somebody in at a registry; the address of the registry stands before the colon. */
const SECRET = /^[ \t]*(?:[^=\n]*:)?(_authToken|_auth|_password)[ \t]*=[ \t]*["']?([^"'\s]+)/gm;
/** Read by npm from the environment, so it is not the secret itself. */
const REFERENCE = /^\$\{[^}]*\}$/;

/** What of the operator's npm configuration must not show up in a log: builds find it in their home folder. */
export function npmSecrets({ npmrc }: Pick<RunnerSettings, 'npmrc'>): readonly string[] {
  if (npmrc === undefined) return [];
  return [...readFileSync(npmrc, 'utf8').matchAll(SECRET)].flatMap(([, name, value = '']) => {
    if (REFERENCE.test(value)) return [];
    return name === '_authToken' ? [value] : [value, Buffer.from(value, 'base64').toString('utf8')];
  });
}
