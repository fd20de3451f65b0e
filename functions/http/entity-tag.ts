import { createHash } from 'node:crypto';
import { Conflict } from '../../shared/errors/requests.ts';
import type { Headers } from './request.ts';

/** What an entity tag is made of besides the answer itself. */
export interface Tagged {
  /** Of the record that is shown: what a change with If-Match is held against. */
  readonly revision?: number | undefined;
  /**
   * The part of the answer that counts, where it holds something that is another each time though nothing has changed
   * (the moment, a sealed cursor). The tag is weak then: it says that both mean the same.
   */
  readonly by?: unknown;
}

/** Of 256 bits; two answers of one address have to be told apart, nobody has anything from making them collide. */
const DIGEST_CHARACTERS = 22;

/**
 * The tag of an answer, with quotes: a digest of what is sent, since more than a record's own revision stands in most
 * (a place in line, what is served, the form that this release gives it), and the revision before it where there is one.
 */
export function entityTag({ revision, by }: Tagged, content: string): string {
  const digest = createHash('sha256')
    .update(by === undefined ? content : JSON.stringify(by))
    .digest('base64url')
    .slice(0, DIGEST_CHARACTERS);
  const tag = `"${revision === undefined ? '' : `r${revision}.`}${digest}"`;
  return by === undefined ? tag : `W/${tag}`;
}

const opaque = (tag: string) => tag.trim().replace(/^W\//, '');

/** Does If-None-Match name this tag? Weak comparison, as for GET. */
export function isKnownToCaller(headers: Headers, etag: string): boolean {
  const given = headers['if-none-match'];
  if (given === undefined) return false;
  const tags = given.split(',').map(opaque);
  return tags.includes('*') || tags.includes(opaque(etag));
}

/**
 * Holds a change against If-Match, where the caller sent it. Strong comparison: a weak tag never passes.
 * @throws Conflict INVALID_STATE where the record is in another revision than the caller has seen.
 */
export function checkIfMatch(headers: Headers, revision: number): void {
  const given = headers['if-match'];
  if (given === undefined || given.trim() === '*') return;
  const ofThis = new RegExp(`^"r${revision}(?:\\.[\\w-]+)?"$`);
  if (given.split(',').some((tag) => ofThis.test(tag.trim()))) return;
  throw new Conflict('INVALID_STATE', 'The record has changed since you read it.', {
    field: '/If-Match',
    suggestion: 'Read it again and apply your change to what it is now.',
    facts: { revision },
  });
}
