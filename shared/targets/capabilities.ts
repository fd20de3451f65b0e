import type { TargetKind } from '../domain/records.ts';
import type { Capabilities } from './target.ts';

/** What each kind of target can do; apart from the adapters, so that nobody loads an adapter to ask. */
export const CAPABILITIES: Readonly<Record<TargetKind, Capabilities>> = {
  site: {
    strategies: ['all-at-once', 'blue-green', 'canary'],
    staging: true,
    instantRollback: true,
    cancel: true,
    logs: false,
  },
  custom: {
    strategies: ['all-at-once'],
    staging: true,
    instantRollback: true,
    cancel: true,
    logs: true,
  },
};
