import { Runners, Tokens } from './resources/access.ts';
import { Deployments } from './resources/deployments.ts';
import { Environments } from './resources/environments.ts';
import { Freezes } from './resources/freezes.ts';
import { Projects } from './resources/projects.ts';
import { Schedules } from './resources/schedules.ts';
import { Versions } from './resources/versions.ts';
import type { Result } from './result.ts';
import { list, num, shape, text } from './shape.ts';
import { type CallOptions, call, type TransportOptions } from './transport.ts';

/** `status` is `ok`, or `down` where one of the parts is that the service needs. */
export interface Health {
  readonly status: string;
  readonly at: string;
  readonly parts: readonly Part[];
}
interface Part {
  readonly name: string;
  readonly status: string;
  readonly milliseconds: number;
}
const part = shape<Part>({ name: text(), status: text(), milliseconds: num() });
const health = shape<Health>({ status: text(), at: text(), parts: list<readonly Part[]>(part) });

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
  health(options: CallOptions = {}): Promise<Result<Health>> {
    const request = { method: 'GET', path: '/health', answer: health, answersWith: 503 } as const;
    return call(this.#transport, { ...request, ...options });
  }
}
