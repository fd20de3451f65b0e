import { newDeployment } from '../../shared/domain/new-deployment.ts';
import type { Concurrency, Deployment, Waiter } from '../../shared/domain/records.ts';
import type { Ending } from '../../shared/domain/settlement.ts';
import { type Created, createFrom } from '../../shared/store/deployment-creation.ts';
import { requireDeployment } from '../../shared/store/deployments.ts';
import type { GateFound } from '../../shared/store/gate-places.ts';
import { settle } from '../../shared/store/settlement.ts';
import { type SlotWithLine, slotWithLine } from '../../shared/store/slot.ts';
import type { Admissible } from '../../shared/store/succession.ts';
import { type Given, givenProject } from './given.ts';
import { aVersion } from './records.ts';
import { freshStore, type TestStore } from './store.ts';

export const CANCELED: Ending = {
  status: 'canceled',
  releaseState: 'none',
  active: 'same',
  draining: false,
};
export const anybody: Admissible = () => true;
export const nobody: Admissible = () => false;

/** Deployments of one environment that own its slot, wait for it and end; nothing is done in between. */
export class Line {
  readonly store: TestStore;
  readonly given: Given;

  constructor(store: TestStore, given: Given) {
    this.store = store;
    this.given = given;
  }

  static async fresh(environment: Partial<Given['environment']> = {}): Promise<Line> {
    const store = await freshStore();
    const project = { settings: { startsPerMinute: 1000 } };
    return new Line(store, await givenProject(store, { project, environment }));
  }

  /** A new deployment as a start leaves it: it owns the slot, stands in line, or waits outside. */
  create(
    concurrency: Concurrency = 'queue',
    over: { type?: 'deploy' | 'rollback'; waitsFor?: 'people' | 'time' } = {},
  ): Promise<Created> {
    const { project, environment } = this.given;
    return createFrom(this.store, async () => ({
      project,
      environment: { ...environment, concurrency },
      type: 'deploy',
      withIt: [],
      make: ({ id, createdAt, fence }) => ({
        ...newDeployment({
          id,
          projectId: project.id,
          environment: environment.name,
          method: 'api',
          message: undefined,
          trigger: { kind: 'api', actor: 'ann' },
          force: false,
          rollbackOnFailure: true,
          overrides: {},
          validation: { passed: true, checks: [], errors: [], warnings: [] },
          createdAt,
          fence,
          version: aVersion(),
          source: { type: 'branch', ref: 'main' },
          snapshot: {
            configuration: {},
            parameters: {},
            variables: {},
            build: {},
            target: project.target,
            timeouts: {},
            frozen: false,
          },
        }),
        type: over.type ?? 'deploy',
      }),
      ...over,
    }));
  }

  idOf = async (...how: Parameters<Line['create']>): Promise<string> =>
    (await this.create(...how)).deployment.id;

  record = (id: string): Promise<Deployment> => requireDeployment(this.store, id);

  found = (): Promise<SlotWithLine> =>
    slotWithLine(this.store, this.given.project.id, this.given.environment.name);

  slot = async () => (await this.found()).slot;

  /** Ids of those that stand in line, in their order. */
  waiting = async (): Promise<string[]> => (await this.found()).line.map(({ deploymentId }) => deploymentId);

  waiter = async (id: string): Promise<Waiter> => {
    const found = (await this.found()).line.find(({ deploymentId }) => deploymentId === id);
    if (found === undefined) throw new Error(`${id} does not stand in line`);
    return found;
  };

  end = async (id: string, ending: Ending = CANCELED, admissible?: Admissible): Promise<Deployment> =>
    settle(this.store, { deployment: await this.record(id) }, ending, admissible);

  /** What a gate decides on when it looks now. */
  seenBy = async (id: string, concurrency: Concurrency = 'queue'): Promise<GateFound> => ({
    ...(await this.found()),
    deployment: await this.record(id),
    concurrency,
  });
}
