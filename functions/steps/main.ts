import type { Context } from 'aws-lambda';
import { stepsEnv } from '../../shared/contracts/env.ts';
import type { StepsCall } from '../../shared/contracts/steps.ts';
import { codeBuilds } from '../../shared/platform/builds.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { lambdaCaller } from '../../shared/platform/functions.ts';
import { keysAsNoticed } from '../../shared/platform/log-about.ts';
import { createLog } from '../../shared/platform/logger.ts';
import { stepFunctions } from '../../shared/platform/machine.ts';
import { once } from '../../shared/platform/once.ts';
import { publishing } from '../../shared/platform/publishing.ts';
import { invoked } from '../../shared/store/spending.ts';
import { systemStore } from '../../shared/store/system.ts';
import { announcer } from './announce.ts';
import type { StepsDeps } from './deps.ts';
import { handleStep } from './handle.ts';
import { speaker } from './say.ts';
import { targetsFunction } from './targets-function.ts';

const env = readEnv(stepsEnv);
const base = systemStore(env);
const log = createLog({ service: env.SERVICE_NAME, level: env.LOG_LEVEL });
const machine = stepFunctions();
const reach = publishing(env);
const targets = targetsFunction(lambdaCaller(), env.TARGETS_FUNCTION);
const artifacts = once(async () =>
  (await import('../../shared/platform/artifacts.ts')).artifactsIn(env.ARTIFACTS_BUCKET),
);
const builds = codeBuilds(env.CODEBUILD_PROJECT);

function depsFor({ deploymentId }: StepsCall, correlationId: string): StepsDeps {
  const about = keysAsNoticed();
  const store = { ...base, noticed: about.noticed };
  const publisher = { ...reach, store };
  const own = log.with({ correlationId, deploymentId }).with(about.keys);
  return {
    store,
    machine,
    targets,
    builds,
    artifacts,
    ...announcer(publisher, own),
    say: speaker(publisher, own),
    log: own,
    defaultRunner: env.DEFAULT_RUNNER,
    apiUrl: env.API_URL,
  };
}

export const handler = (event: unknown, facts: Context): Promise<void> =>
  invoked(base, { facts }, () => handleStep(event, (call) => depsFor(call, facts.awsRequestId)));
