import type { TargetKind } from '../domain/records.ts';
import { TARGET_STRATEGIES } from '../domain/strategy.ts';
import type { Capabilities } from './target.ts';

/** What each kind of target can do; apart from the adapters, so that nobody loads an adapter to ask. */
export const CAPABILITIES: Readonly<Record<TargetKind, Capabilities>> = {
  site: {
    strategies: TARGET_STRATEGIES.site,
    staging: true,
    instantRollback: true,
    cancel: true,
    logs: false,
  },
  custom: {
    strategies: TARGET_STRATEGIES.custom,
    staging: true,
    instantRollback: true,
    cancel: true,
    logs: true,
  },
};
