import { type GitRefType, isCommitId, parseGitRef } from '../domain/git-ref.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import type { RemoteRefs } from './ref-lists.ts';
import { openRemote, type Remote } from './remote-refs.ts';

export interface RefQuestion {
  /** `https` remote (or `http` where the operator's allow-list names its host), from parseSourceUrl. */
  readonly href: string;
  /** A branch, a tag, a full ref name, `HEAD`, or a full commit id. */
  readonly ref: string;
  /** What the ref is; without it a branch wins over a tag of the same name, as in `git clone --branch`. */
  readonly type?: GitRefType | undefined;
  /** Token or `user:token`; sent as basic authentication, and in no message or error. */
  readonly credential?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type ResolvedRef =
  | {
      readonly kind: 'resolved';
      readonly sha: string /** Full name, or the id itself. */;
      readonly ref: string;
    }
  /** `known`: short names that the remote has, the default branch first, then the most alike; at most ten. */
  | { readonly kind: 'unknown-ref'; readonly known: readonly string[] };

/**
 * Pins a branch, tag or HEAD of a remote to the commit it stands for now: two requests, a third only for an
 * unknown name, each with a deadline of 10 s. A commit id is taken as it is, without a request: only a
 * fetch of it, as the runner does, can prove it.
 * @throws InvalidGitRef, RemoteAuthFailed, NotARepository, RemoteFailed, UrlRefused, NetFailure
 */
export async function resolveRemoteRef(question: RefQuestion, fetch: GuardedFetch): Promise<ResolvedRef> {
  const ref = parseGitRef(question.ref, question.type);
  if (question.type === 'commit' || (question.type === undefined && isCommitId(ref))) {
    return { kind: 'resolved', sha: ref, ref };
  }
  const remote = await openRemote(question, fetch);
  const candidates = fullNames(ref, question.type);
  const refs = await remote.refs(candidates);
  for (const name of candidates) {
    const found = refs.get(name);
    if (found === undefined) continue;
    const fullName = name === 'HEAD' ? (found.target ?? name) : name;
    return { kind: 'resolved', sha: found.peeled ?? found.id, ref: fullName };
  }
  return { kind: 'unknown-ref', known: await suggestions(remote, ref) };
}

/** The names a short name may stand for, the preferred one first. */
function fullNames(ref: string, type: GitRefType | undefined): readonly string[] {
  const branch = `refs/heads/${ref}`;
  const tag = `refs/tags/${ref}`;
  if (type === 'branch') return [branch];
  if (type === 'tag') return [tag];
  if (ref === 'HEAD' || ref.startsWith('refs/')) return [ref];
  return [branch, tag];
}

const MAX_SUGGESTIONS = 10;

async function suggestions(remote: Remote, wanted: string): Promise<readonly string[]> {
  const refs = await remote.refs(['HEAD', 'refs/heads/', 'refs/tags/']);
  const ranked = shortNames(refs)
    .map((name) => ({ name, distance: unlikeness(name, wanted) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
  const standard = refs.get('HEAD')?.target?.replace('refs/heads/', '');
  const first = standard === undefined ? [] : [standard];
  return [...new Set([...first, ...ranked])].slice(0, MAX_SUGGESTIONS);
}

function shortNames(refs: RemoteRefs): readonly string[] {
  return [...refs.keys()].flatMap((name) => /^refs\/(?:heads|tags)\/(.+)$/.exec(name)?.[1] ?? []);
}

/** 0 for equal but for case; then what contains the other; then by how many pairs of letters are shared. */
function unlikeness(name: string, wanted: string): number {
  const [a, b] = [name.toLowerCase(), wanted.toLowerCase()];
  if (a === b) return 0;
  if (a.includes(b) || b.includes(a)) return 0.1;
  const [left, right] = [pairs(a), pairs(b)];
  const shared = [...left].filter((pair) => right.has(pair)).length;
  return 1 - (2 * shared) / (left.size + right.size || 1);
}

function pairs(text: string): ReadonlySet<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
}
