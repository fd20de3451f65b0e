import type { Artifacts } from '../../shared/platform/artifacts.ts';
import type { Machine } from '../../shared/platform/machine.ts';
import type { Scheduler } from '../../shared/platform/scheduler.ts';
import type { SecretWriter } from '../../shared/platform/secrets.ts';
import { defineRoute, type EdgeDeps } from '../http/route.ts';
import type { Part } from './health/parts.ts';
import type { Known } from './known.ts';

/**
 * What the routes of `api` need from outside. Clients that few requests use are made, and their code is
 * evaluated, at their first use: the start of this function is what people wait for.
 */
export interface ApiDeps extends EdgeDeps {
  readonly secrets: () => Promise<SecretWriter>;
  readonly artifacts: () => Promise<Artifacts>;
  readonly machine: () => Promise<Machine>;
  readonly scheduler: () => Promise<Scheduler>;
  /** Where jobs run unless the project says otherwise. */
  readonly defaultRunner: 'codebuild' | 'agent';
  readonly websocketUrl: string;
  /** What need not be read again at once. */
  readonly known: Known;
  /** What the service needs to work, each with its check. */
  readonly parts: readonly Part[];
}

/** Defines a route of `api`. */
export const route = defineRoute<ApiDeps>();
