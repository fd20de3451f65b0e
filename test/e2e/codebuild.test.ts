import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { resolveTimeouts } from '../../shared/domain/deadlines.ts';
import { offerJob } from '../../shared/store/jobs.ts';
import { jobKeyOf } from '../../shared/store/keys.ts';
import { storeOfStack, templateOf } from '../support/emulated-aws.ts';
import { projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

const run = promisify(execFile);

interface BuildProject {
  readonly Type: string;
  readonly Properties: { readonly Source: { readonly BuildSpec: string } };
}

/** The commands as CodeBuild would run them, from the template that was deployed. */
async function buildspecCommands(): Promise<readonly string[]> {
  // CloudFormation's answer: a template in JSON, a build specification in JSON inside it.
  const { Resources } = JSON.parse(await templateOf('Slipway-Service')) as {
    Resources: Record<string, BuildProject>;
  };
  const project = Object.values(Resources).find(({ Type }) => Type === 'AWS::CodeBuild::Project');
  const spec = JSON.parse(project?.Properties.Source.BuildSpec ?? '{}') as {
    phases: { build: { commands: string[] } };
  };
  return spec.phases.build.commands;
}

it('the commands of the CodeBuild buildspec, in an empty folder, claim and finish a job', async () => {
  const repository = siteRepository();
  const commit = repository.commit({ 'index.html': '<h1>built in CodeBuild</h1>' });
  const { project, environment } = await projectOf(`https://example.invalid/site.git`, {
    settings: { runner: { kind: 'codebuild' } },
  });
  // The emulator's CodeBuild runs nothing and hides what it was given, so the ticket is made anew below.
  const deployment = unwrap(
    await sdk().deployments.start({
      projectId: project.id,
      environment: environment.name,
      source: { type: 'commit', ref: commit },
    }),
  );
  const key = jobKeyOf(deployment.id, 'build', 0);
  await expect
    .poll(async () => unwrap(await sdk().deployments.get(deployment.id)).buildId, { timeout: 60_000 })
    .toBeDefined();
  const store = await storeOfStack();
  const timeouts = resolveTimeouts({});
  const { ticket } = await offerJob(store, {
    deploymentId: deployment.id,
    projectId: project.id,
    environment: environment.name,
    kind: 'build',
    round: 0,
    runner: { kind: 'codebuild' },
    timeouts: {
      claimSeconds: timeouts.claimSeconds,
      heartbeatSeconds: timeouts.heartbeatSeconds,
      workSeconds: timeouts.buildSeconds,
    },
  });

  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    HOME: '/nonexistent',
    SLIPWAY_URL: inject('stack').url,
    SLIPWAY_JOB_KEY: key,
    SLIPWAY_TICKET: ticket ?? '',
  };
  const folder = mkdtempSync(join(tmpdir(), 'slipway-codebuild-'));
  // As CodeBuild does: one shell per command, in the order of the list. Only https is allowed there, so the clone fails.
  for (const command of await buildspecCommands())
    await run('sh', ['-c', command], { cwd: folder, env, timeout: 120_000 });

  const ended = unwrap(await sdk().deployments.waitFor(deployment.id));
  expect(ended.runner).toBeDefined();
  expect(ended).toMatchObject({ status: 'failed', error: { stage: 'build' } });
});
