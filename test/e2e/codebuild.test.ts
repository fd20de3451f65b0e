import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { ROOT } from '../../local/paths.ts';
import { resolveTimeouts } from '../../shared/domain/deadlines.ts';
import { offerJob } from '../../shared/store/jobs.ts';
import { jobKeyOf } from '../../shared/store/keys.ts';
import { storeOfStack, templateOf } from '../support/emulated-aws.ts';
import { serveGit } from '../support/git-http.ts';
import { projectOf, sdk, wholeLog } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

const run = promisify(execFile);

interface Place {
  readonly projectId: string;
  readonly environment: string;
}

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

/** Everything of a build in CodeBuild but its container: StartBuild was called, and a new ticket stands for the one that went with it. */
async function buildAsCodeBuild(deploymentId: string, place: Place, more: Record<string, string> = {}) {
  // The emulator's CodeBuild runs nothing and hides what it was given, so the ticket is made anew.
  await expect
    .poll(async () => unwrap(await sdk().deployments.get(deploymentId)).buildId, { timeout: 60_000 })
    .toBeDefined();
  const { claimSeconds, heartbeatSeconds, buildSeconds: workSeconds } = resolveTimeouts({});
  const { ticket } = await offerJob(await storeOfStack(), {
    ...place,
    deploymentId,
    kind: 'build',
    round: 0,
    runner: { kind: 'codebuild' },
    timeouts: { claimSeconds, heartbeatSeconds, workSeconds },
  });
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    HOME: '/nonexistent',
    SLIPWAY_URL: inject('stack').url,
    SLIPWAY_JOB_KEY: jobKeyOf(deploymentId, 'build', 0),
    SLIPWAY_TICKET: ticket ?? '',
    ...more,
  };
  const folder = mkdtempSync(join(tmpdir(), 'slipway-codebuild-'));
  // As CodeBuild does: one shell per command, in the order of the list.
  for (const command of await buildspecCommands())
    await run('sh', ['-c', command], { cwd: folder, env, timeout: 120_000 });
  return unwrap(await sdk().deployments.waitFor(deploymentId));
}

/** A project that builds in CodeBuild, and a deployment of one commit of it. */
async function startInCodeBuild(url: string, commit: string) {
  const { project, environment } = await projectOf(url, {
    build: { buildCommand: 'sh build.sh', outputDirectory: 'public' },
    settings: { runner: { kind: 'codebuild' } },
  });
  const place = { projectId: project.id, environment: environment.name };
  const source = { type: 'commit', ref: commit } as const;
  return { place, deployment: unwrap(await sdk().deployments.start({ ...place, source })) };
}

const FILES = {
  'build.sh': 'mkdir -p public && echo "<h1>built at $SLIPWAY_COMMIT</h1>" > public/index.html',
};

it('the commands of the CodeBuild buildspec, in an empty folder, claim a job, build over https and upload: it is served', async () => {
  const repository = siteRepository();
  const commit = repository.commit(FILES);
  const fixture = (name: string) => join(ROOT, 'test', 'fixtures', name);
  const tls = {
    key: readFileSync(fixture('loopback.key.pem'), 'utf8'),
    cert: readFileSync(fixture('loopback.cert.pem'), 'utf8'),
  };
  await using server = await serveGit({ root: dirname(repository.folder), tls });
  const url = `https://${server.host}/${basename(repository.folder)}/.git`;

  const { place, deployment } = await startInCodeBuild(url, commit);
  const ended = await buildAsCodeBuild(deployment.id, place, {
    SLIPWAY_PASS_ENV: 'GIT_SSL_CAINFO',
    GIT_SSL_CAINFO: fixture('loopback.cert.pem'),
  });
  expect(ended.error).toBeUndefined();
  expect(ended).toMatchObject({ status: 'succeeded', releaseState: 'active', buildId: expect.any(String) });
  expect(await (await fetch(ended.url ?? '')).text()).toContain(`built at ${commit}`);
  expect((await wholeLog(ended.id)).filter(({ source }) => source === 'build').length).toBeGreaterThan(3);
});

it('a repository that cannot be cloned ends the job, with git’s words', async () => {
  const commit = siteRepository().commit(FILES);
  const { place, deployment } = await startInCodeBuild('https://127.0.0.1:1/site.git', commit);
  const ended = await buildAsCodeBuild(deployment.id, place);
  expect(ended).toMatchObject({ status: 'failed', error: { stage: 'build', retryable: true } });
  expect(ended.error?.message).toMatch(/git could not/);
});

it('a repository by a scheme that only somebody’s own machine may use is refused, and nothing of it is fetched', async () => {
  const repository = siteRepository();
  const commit = repository.commit(FILES);
  await using server = await serveGit({ root: dirname(repository.folder) });
  const { place, deployment } = await startInCodeBuild(
    `http://${server.host}/${basename(repository.folder)}/.git`,
    commit,
  );
  const ended = await buildAsCodeBuild(deployment.id, place);
  expect(ended).toMatchObject({ status: 'failed', error: { stage: 'build', retryable: false } });
  expect(ended.error?.message).toMatch(/scheme/);
  expect(server.requests).toEqual([]);
});
