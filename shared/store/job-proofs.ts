import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * A job token is made from the nonce that the runner chose and a salt that the item keeps, so that a
 * repeated claim gets the very same token. The item keeps hashes of nonce and token only: whoever reads
 * the table (a backup, the stream) has the salt but not the nonce, and so cannot act for the runner.
 */
export function deriveJobToken(tokenSalt: string, jobKey: string, nonce: string): string {
  const mac = createHmac('sha256', tokenSalt).update(`${jobKey}\n${nonce}`).digest('base64url');
  return `${JOB_TOKEN_PREFIX}${mac}`;
}

export const JOB_TOKEN_PREFIX = 'slj_';
export const TICKET_PREFIX = 'slc_';

/** SHA-256 in hex: enough for values of 128 bits of entropy and more, which is what is hashed here. */
export const hashOf = (value: string) => createHash('sha256').update(value).digest('hex');

/** Compares a presented value with a stored hash in constant time; false where nothing is stored. */
export function matches(presented: string, storedHash: string | undefined): boolean {
  if (storedHash === undefined) return false;
  return timingSafeEqual(Buffer.from(hashOf(presented), 'hex'), Buffer.from(storedHash, 'hex'));
}
