import * as z from 'zod/mini';
import { InternalError } from '../../shared/errors/requests.ts';

const list = z.array(z.string().check(z.regex(/^https?:\/\/[^/\s]+$/)));

/**
 * The setting's list of origins.
 * @throws InternalError for a list that cannot be read: half a list would let in or keep out the wrong ones
 */
export function parseOrigins(setting: string): ReadonlySet<string> {
  try {
    return new Set(list.parse(JSON.parse(setting)));
  } catch (cause) {
    throw new InternalError('ALLOWED_ORIGINS is not a JSON array of origins (https://host[:port]).', {
      cause,
      suggestion: 'Correct the setting of the stack.',
    });
  }
}

/**
 * Browsers always say where a page comes from, and a page of somebody else must not use a person's session.
 * What is not a browser says nothing and has to prove itself by its token anyhow.
 */
export const mayConnectFrom = (origins: ReadonlySet<string>, origin: string | undefined): boolean =>
  origin === undefined || origins.has(origin);
