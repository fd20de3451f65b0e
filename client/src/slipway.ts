import * as z from 'zod/mini';
import { Runners, Tokens } from './resources/access.ts';
import { Deployments } from './resources/deployments.ts';
import { Environments } from './resources/environments.ts';
import { Freezes } from './resources/freezes.ts';
import { Projects } from './resources/projects.ts';
import { Schedules } from './resources/schedules.ts';
import { Versions } from './resources/versions.ts';
import type { Result } from './result.ts';
import { type CallOptions, call, type TransportOptions } from './transport.ts';

const health = z.looseObject({ status: z.string() });

/**
 * The service as seen by one token.
 *
 * ```ts
 * const slipway = new Slipway({ url, token });
 * const started = unwrap(await slipway.deployments.start({ projectId, environment: 'production' }));
 * for await (const line of slipway.deployments.logs(started.id)) console.log(line.message);
 * ```
 */
export class Slipway {
  readonly projects: Projects;
  readonly environments: Environments;
  readonly versions: Versions;
  readonly deployments: Deployments;
  readonly freezes: Freezes;
  readonly schedules: Schedules;
  readonly tokens: Tokens;
  readonly runners: Runners;
  readonly #transport: TransportOptions;

  constructor(options: TransportOptions) {
    this.#transport = options;
    this.projects = new Projects(options);
    this.environments = new Environments(options);
    this.versions = new Versions(options);
    this.deployments = new Deployments(options);
    this.freezes = new Freezes(options);
    this.schedules = new Schedules(options);
    this.tokens = new Tokens(options);
    this.runners = new Runners(options);
  }

  /** Is the service, and each part that it needs, in order? */
  health(options: CallOptions = {}): Promise<Result<z.infer<typeof health>>> {
    return call(this.#transport, { method: 'GET', path: '/health', answer: health, ...options });
  }
}
