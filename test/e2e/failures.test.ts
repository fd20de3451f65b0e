import { expect, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { slipway } from '../support/cli.ts';
import { deployed, projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

it('a build that exits 7 fails with 7, shows its last lines, and leaves what is served alone', async () => {
  const repository = siteRepository();
  repository.commit({ 'build.sh': 'mkdir -p public && echo "<h1>one</h1>" > public/index.html' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'sh build.sh', outputDirectory: 'public' },
  });
  const first = await deployed(project.id, environment.name);
  expect(first.error).toBeUndefined();

  repository.commit({ 'build.sh': 'echo "the disk is made of cheese"; exit 7' });
  const failed = await slipway('deploy', '--project', project.name, '--wait', '--json');
  expect(failed.code, failed.err).toBe(1);
  const record = failed.json<{
    error: { code: string; exitCode: number; message: string; suggestion: string; stage: string };
  }>();
  expect(record.error).toMatchObject({ code: 'BUILD_FAILED', exitCode: 7, stage: 'build' });
  expect(record.error.message).toContain('the disk is made of cheese');
  expect(record.error.suggestion).not.toBe('');
  expect(await (await fetch(first.url ?? '')).text()).toContain('one');

  repository.commit({ 'build.sh': 'mkdir -p public && echo "<h1>three</h1>" > public/index.html' });
  const third = await deployed(project.id, environment.name);
  expect(third.status).toBe('succeeded');
  expect(await (await fetch(third.url ?? '')).text()).toContain('three');
});

it('a branch that is not there ends as an invalid source ref and frees the slot', async () => {
  const repository = siteRepository();
  const { project, environment } = await projectOf(repository.url);
  const ended = await deployed(project.id, environment.name, {
    source: { type: 'branch', ref: 'no-such-branch' },
  });
  expect(ended).toMatchObject({ status: 'failed', error: { code: 'INVALID_SOURCE_REF', stage: 'gate' } });
  const after = unwrap(await sdk().environments.get(project.id, environment.name));
  expect(after.slot.owner).toBeUndefined();
});
