import type { ResolvedRef } from '../../../shared/net/git-refs.ts';
import type { GuardedFetch } from '../../../shared/net/guarded-fetch.ts';

/** What takes the place of the internet and of the service's own log, for the run that goes on. */
export interface Outside {
  fetch: GuardedFetch;
  resolveRef(question: { readonly href: string; readonly ref: string }): Promise<ResolvedRef>;
  /** Told of what the functions write to their log, from warnings up. */
  complain(level: 'warn' | 'error', message: string, facts: unknown): void;
}

const absent = () => Promise.reject(new TypeError('No run goes on.'));

export const outside: Outside = { fetch: absent, resolveRef: absent, complain: () => {} };
