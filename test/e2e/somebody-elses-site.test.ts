import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../local/paths.ts';
import { slipway } from '../support/cli.ts';
import { startGitDaemon } from '../support/git-daemon.ts';
import { serveGit } from '../support/git-http.ts';
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

const SERVERS = { git: startGitDaemon, http: (root: string) => serveGit({ root }) } as const;

it.each(['git', 'http'] as const)(
  'a repository at %s:// is deployed as it is: its page served, its log whole',
  async (scheme) => {
    const repository = siteRepository();
    const commit = repository.commit({
      'package.json': JSON.stringify({ name: 'site', version: '1.0.0', scripts: { build: 'sh build.sh' } }),
      'package-lock.json': JSON.stringify({
        name: 'site',
        version: '1.0.0',
        lockfileVersion: 3,
        packages: { '': { name: 'site', version: '1.0.0' } },
      }),
      'build.sh': `mkdir dist && seq -f 'page %.0f' 300 && echo "<h1>$SLIPWAY_COMMIT by ${scheme}</h1>" > dist/index.html`,
    });
    await using server = await SERVERS[scheme](dirname(repository.folder));
    const url = `${scheme}://${server.host}/${basename(repository.folder)}/.git`;
    const name = uniqueName(scheme);
    const made = await slipway('projects', 'create', name, '--repo', url, '--json');
    expect(made.code, made.err).toBe(0);

    const followed = await slipway('deploy', '--project', name, '--follow');
    expect(followed.code, followed.out + followed.err).toBe(0);
    const address = /^(http:\S+)$/m.exec(followed.out)?.[1] ?? '';
    expect(await (await fetch(address)).text()).toContain(`${commit} by ${scheme}`);

    const id = /dep_\w+/.exec(followed.out)?.[0] ?? '';
    const log = await wholeLog(id);
    expect(log.map(({ n }) => n)).toEqual(log.map((_, index) => index + 1));
    const pages = Array.from({ length: 300 }, (_, index) => `page ${index + 1}`);
    expect(log.map(({ message }) => message).filter((text) => /^page \d+$/.test(text))).toEqual(pages);
    // Whoever followed saw each line once, in the same order.
    expect(followed.out.match(/page \d+$/gm)).toEqual(pages);
  },
);

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
