import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../local/paths.ts';
import { slipway } from '../support/cli.ts';
import { deployed, projectOf, uniqueName, wholeLog } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

const VITE_SITE = join(ROOT, 'test', 'fixtures', 'vite-site');

it('a repository that is not ours goes from its URL to a served page by the command line alone', async () => {
  const repository = siteRepository(VITE_SITE);
  const name = uniqueName('vite');
  const made = await slipway('projects', 'create', name, '--repo', repository.url, '--json');
  expect(made.code, made.err).toBe(0);

  const followed = await slipway('deploy', '--project', name, '--follow');
  expect(followed.code, followed.out + followed.err).toBe(0);
  const address = /^(http:\S+)$/m.exec(followed.out)?.[1] ?? '';

  const page = await (await fetch(address)).text();
  expect(page).toContain("Somebody's site");
  const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? '';
  expect((await fetch(new URL(script, address))).status).toBe(200);
  expect((await fetch(new URL('/about', address))).status).toBe(200);
});

it('what a build prints on two streams through tee comes back as each stream was', async () => {
  const repository = siteRepository();
  repository.commit({ 'public/index.html': '<h1>numbers</h1>' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'seq 1 5000 | tee /dev/stderr', outputDirectory: 'public' },
  });
  const ended = await deployed(project.id, environment.name);
  expect(ended.error).toBeUndefined();

  const numbers = (await wholeLog(ended.id))
    .filter((line) => line.step === 'build')
    .map((line) => line.message)
    .filter((text) => /^\d+$/.test(text));
  // Both streams hold 1..5000 in order: each number twice, and of each copy the order is kept.
  const seen = new Map<string, number>();
  const streams: string[][] = [[], []];
  for (const number of numbers) {
    const count = seen.get(number) ?? 0;
    seen.set(number, count + 1);
    streams[count]?.push(number);
  }
  const expected = Array.from({ length: 5000 }, (_, i) => String(i + 1));
  expect(streams[0]).toEqual(expected);
  expect(streams[1]).toEqual(expected);
});

it('a folder is uploaded and served without a build', async () => {
  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>a folder</h1>', 'docs/index.html': '<h1>docs</h1>' });
  const { project } = await projectOf(repository.url);
  const done = await slipway(
    'deploy',
    '--project',
    project.name,
    '--dir',
    repository.folder,
    '--wait',
    '--json',
  );
  expect(done.code, done.out + done.err).toBe(0);
  const ended = done.json<{ url: string; stages: { name: string; status: string }[] }>();
  expect(ended.stages.find((stage) => stage.name === 'build')?.status).toBe('skipped');
  expect(await (await fetch(ended.url)).text()).toContain('a folder');
  expect(await (await fetch(new URL('/docs', ended.url))).text()).toContain('docs');
});
