import type { ApiDeps } from '../../../../functions/api/deps.ts';
import type { DeploymentView } from '../../../../shared/contracts/deployments.ts';
import type { Machine } from '../../../../shared/platform/machine.ts';
import { type Answer, makeProject, type TestApi, testApi } from '../support.ts';

/** The API with a machine that notes what it was asked to start. */
export interface DeploymentsApi extends TestApi {
  readonly started: string[];
  /** A machine that does not answer. */
  breakMachine(): void;
}

export async function deploymentsApi(): Promise<DeploymentsApi> {
  const started: string[] = [];
  let broken = false;
  const refuse = () => Promise.reject(new Error('these routes only start'));
  const machine: Machine = {
    start: async (id) => {
      if (broken) throw new Error('Step Functions does not answer');
      started.push(id);
      return undefined;
    },
    stop: refuse,
    state: refuse,
    succeed: refuse,
    fail: refuse,
    heartbeat: refuse,
  };
  const overrides: Partial<ApiDeps> = { machine: async () => machine };
  const api = await testApi(overrides);
  return {
    ...api,
    started,
    breakMachine: () => {
      broken = true;
    },
  };
}

export const gitProject = (api: TestApi, extra: object = {}) =>
  makeProject(api, { repository: { url: 'https://git.example.com/team/app.git' }, ...extra });

export const start = (api: TestApi, body: object, sent: object = {}) =>
  api.send('POST /v1/deployments', { body, ...sent });

/** The answer's body where it is a deployment. */
export const deploymentIn = ({ body }: Answer) => body as unknown as DeploymentView;
