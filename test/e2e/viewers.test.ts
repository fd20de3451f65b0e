import { expect, it } from 'vitest';
import { LogVerifier } from '../../client/src/logs/verify.ts';
import { unwrap } from '../../client/src/result.ts';
import { projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

it('a viewer that comes late gets everything from line 1, then live, without gap or repeat', async () => {
  const repository = siteRepository();
  repository.commit({
    'index.html': '<h1>watched</h1>',
    'build.sh': 'for i in $(seq 1 60); do echo "tick $i"; sleep 0.2; done',
  });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'sh build.sh', outputDirectory: '.' },
  });
  const deployment = unwrap(
    await sdk().deployments.start({ projectId: project.id, environment: environment.name }),
  );
  for await (const line of sdk().deployments.logs(deployment.id)) if (line.message === 'tick 10') break;

  const verifier = new LogVerifier();
  const delays: number[] = [];
  let lines = 0;
  let end: { lines: number; hash: string } | undefined;
  for await (const event of sdk().deployments.events(deployment.id)) {
    if (event.kind === 'line') {
      await verifier.add(event.line);
      lines = event.line.n;
      if (event.line.message.startsWith('tick')) delays.push(Date.now() - Date.parse(event.line.at));
    }
    if (event.kind === 'end') end = event;
  }
  expect(end?.lines).toBe(lines);
  expect(verifier.agrees(end ?? { lines: -1, hash: '' })).toBe(true);
  // The last ticks came while they happened, not at the end of the build.
  expect(Math.min(...delays.slice(-20))).toBeLessThan(5000);
});

it('filters and pages of the stored log agree with the whole', async () => {
  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>filtered</h1>' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand: 'seq 1 2500', outputDirectory: '.' },
  });
  const deployment = unwrap(
    await sdk().deployments.start({ projectId: project.id, environment: environment.name }),
  );
  unwrap(await sdk().deployments.waitFor(deployment.id));

  const all: number[] = [];
  for await (const line of sdk().deployments.logs(deployment.id, { follow: false })) all.push(line.n);
  expect(all).toEqual(all.map((_, i) => i + 1));
  const tail = unwrap(await sdk().deployments.logPage(deployment.id, { tail: 5 }));
  expect(tail.items.map((line) => line.n)).toEqual(all.slice(-5));
  const gate = unwrap(await sdk().deployments.logPage(deployment.id, { step: 'gate', limit: 1000 }));
  expect(gate.items.every((line) => line.step === 'gate')).toBe(true);
  expect(gate.items.length).toBeGreaterThan(0);
});
