import { type GitRefFault, InvalidGitRef } from '../errors/source.ts';

export type GitRefType = 'branch' | 'tag' | 'commit';

const MAX_LENGTH = 255;
const commitForm = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;
const shortCommitForm = /^[0-9a-f]{4,63}$/i;
/** What git check-ref-format refuses, and control or invisible characters of other scripts besides. */
const forbidden = /[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}~^:?*[\\]/u;

/** Whether a text is a full commit id (SHA-1 or SHA-256). */
export function isCommitId(text: string): boolean {
  return commitForm.test(text);
}

/**
 * Checks the name of a branch or tag by the rules of `git check-ref-format`, or a commit id, and returns it
 * (a commit id in lower case). Without a type it may be either; a name that looks like a commit id is one.
 * @throws InvalidGitRef with the reason
 */
export function parseGitRef(text: string, type?: GitRefType): string {
  if (type === 'commit') return parseCommitId(text);
  const fault = faultOfName(text);
  if (fault !== undefined) throw new InvalidGitRef(fault);
  return type === undefined && isCommitId(text) ? text.toLowerCase() : text;
}

function parseCommitId(text: string): string {
  if (isCommitId(text)) return text.toLowerCase();
  throw new InvalidGitRef(shortCommitForm.test(text) ? 'short-commit' : 'not-a-commit');
}

function faultOfName(name: string): GitRefFault | undefined {
  if (name === '') return 'empty';
  if (name.length > MAX_LENGTH) return 'too-long';
  if (forbidden.test(name)) return 'characters';
  if (name.startsWith('-')) return 'option';
  if (name === '@' || name.includes('..') || name.includes('@{') || name.endsWith('.')) return 'form';
  const badPart = (part: string) => part === '' || part.startsWith('.') || part.endsWith('.lock');
  return name.split('/').some(badPart) ? 'form' : undefined;
}
