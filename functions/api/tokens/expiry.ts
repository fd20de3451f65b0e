import type { Actor } from '../../../shared/domain/access.ts';
import { PermissionDenied } from '../../../shared/errors/requests.ts';
import { isoTime } from '../../../shared/platform/clock.ts';

/**
 * When a token ends that this caller makes now. A token that ends makes none that outlives it: else whoever gets hold of
 * it for an hour has it for good. What is not told ends with its maker.
 * @param seconds asked for; absent: as long as may be
 * @returns ISO time; undefined: never
 */
export function expiryOf(actor: Actor, now: number, seconds: number | undefined): string | undefined {
  const asked = seconds === undefined ? undefined : now + seconds * 1000;
  const most = mostOf(actor);
  if (most === undefined) return asked === undefined ? undefined : isoTime(asked);
  if (asked !== undefined && asked > most) {
    throw new PermissionDenied(
      `The token you call with ends at ${isoTime(most)}, before the one you ask for.`,
      {
        field: '/expiresInSeconds',
        suggestion: 'Leave `expiresInSeconds` out, or call with a token that lasts longer.',
      },
    );
  }
  return isoTime(asked ?? most);
}

/** A JWT ends within minutes because sessions do; what its holder may do lasts, and its issuer's rules say to whom. */
const mostOf = ({ tokenId, expiresAt }: Actor): number | undefined =>
  expiresAt === undefined || !tokenId.startsWith('tok_') ? undefined : Date.parse(expiresAt);
