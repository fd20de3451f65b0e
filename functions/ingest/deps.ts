import type { IngestEnv } from '../../shared/contracts/env.ts';
import { createLog } from '../../shared/platform/logger.ts';
import type { Machine } from '../../shared/platform/machine.ts';
import type { Objects } from '../../shared/platform/objects.ts';
import { once } from '../../shared/platform/once.ts';
import { publishing } from '../../shared/platform/publishing.ts';
import type { Publisher } from '../../shared/platform/sockets.ts';
import { LogTails } from '../../shared/store/log-tails.ts';
import { systemStore } from '../../shared/store/system.ts';
import type { EdgeDeps } from '../http/route.ts';
import { JobMemory } from './job-memory.ts';

/**
 * What ingest needs from outside. Clients that only a result or a long build needs are loaded at their first use:
 * nearly every request is a batch of lines.
 */
export interface IngestDeps extends EdgeDeps {
  /** How viewers are reached; each post meters for its deployment. */
  readonly publishing: Omit<Publisher, 'store'>;
  readonly machine: () => Promise<Machine>;
  readonly artifacts: () => Promise<Objects>;
  /** What this process remembers of logs and jobs; all of it may be lost at any time. */
  readonly tails: LogTails;
  readonly jobs: JobMemory;
}

export function ingestDeps(env: IngestEnv): IngestDeps {
  return {
    store: systemStore(env),
    log: createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL }),
    publishing: publishing(env),
    machine: once(async () => (await import('../../shared/platform/machine.ts')).stepFunctions()),
    artifacts: once(async () =>
      (await import('../../shared/platform/objects.ts')).objectsOf(env.ARTIFACTS_BUCKET),
    ),
    tails: new LogTails(),
    jobs: new JobMemory(),
  };
}
