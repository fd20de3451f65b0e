import { randomBytes } from 'node:crypto';
import { ulid } from 'ulid';

/** The one place that makes ids and random bytes. */
export interface Random {
  /** A ULID for the given time (ms), 26 characters of Crockford base 32. */
  ulid(now: number): string;
  /** `bytes` random bytes as base64url; 32 bytes for anything that works as a password. */
  secret(bytes: number): string;
  /** A float in [0, 1), for jitter only. */
  unit(): number;
}

export const systemRandom: Random = {
  ulid: (now) => ulid(now),
  secret: (bytes) => randomBytes(bytes).toString('base64url'),
  unit: () => Math.random(),
};
