import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import type { DeploymentView } from '../../shared/contracts/deployments.ts';
import { slipway } from '../support/cli.ts';
import { projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

/** Requests that are under way at the same time. */
const PARALLEL = 20;

function folderWith(page: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-page-'));
  writeFileSync(join(folder, 'index.html'), page);
  return folder;
}

interface Visit {
  readonly page: string;
  readonly cookie: string | undefined;
}

async function visit(url: string, cookie?: string): Promise<Visit> {
  const answer = await fetch(url, cookie === undefined ? {} : { headers: { cookie } });
  return { page: await answer.text(), cookie: answer.headers.get('set-cookie')?.split(';')[0] };
}

/** Visitors that were never there before. */
async function visitors(url: string, count: number): Promise<Visit[]> {
  const visits: Visit[] = [];
  const work = async () => {
    while (visits.length < count) visits.push(await visit(url));
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return visits;
}

const percentOf = (visits: readonly Visit[], page: string) =>
  (100 * visits.filter((one) => one.page === page).length) / visits.length;

it('a canary takes visitors along step by step, keeps each with one release, and gives all of them back when it is aborted', async () => {
  const { project, environment } = await projectOf(siteRepository().url);
  const place = ['--project', project.name, '--env', environment.name, '--json'];
  const deploy = async (page: string, ...more: string[]) => {
    const outcome = await slipway('deploy', ...place, '--dir', folderWith(page), ...more);
    expect(outcome.code, outcome.err).toBe(0);
    return outcome.json<DeploymentView>();
  };
  const bakes = (id: string, step: number) =>
    vi.waitFor(
      async () => {
        const { rollout, error } = unwrap(await sdk().deployments.get(id));
        expect(error).toBeUndefined();
        expect(rollout).toMatchObject({ step, until: expect.any(String) });
      },
      { timeout: 120_000, interval: 200 },
    );
  const ended = async (id: string) => unwrap(await sdk().deployments.waitFor(id));

  const { url = '' } = await deploy('one', '--wait');
  const second = await deploy('two', '--strategy', 'canary', '--steps', '10:600,50:600,100');
  await bakes(second.id, 1);
  const early = await visitors(url, 2000);
  expect(Math.abs(percentOf(early, 'two') - 10)).toBeLessThanOrEqual(4);
  for (const { page, cookie } of early.slice(0, 50))
    expect(await visit(url, cookie)).toEqual({ page, cookie: undefined });

  const promotion = await slipway('promote', second.id, '--step', '1', '--json');
  expect(promotion.code, promotion.err).toBe(0);
  await bakes(second.id, 2);
  expect(Math.abs(percentOf(await visitors(url, 2000), 'two') - 50)).toBeLessThanOrEqual(4);
  // Who had the new one keeps it.
  for (const { cookie } of early.filter(({ page }) => page === 'two').slice(0, 50))
    expect((await visit(url, cookie)).page).toBe('two');

  expect((await slipway('promote', second.id, '--step', '1')).code).toBe(3);
  expect((await slipway('promote', second.id)).code).toBe(0);
  expect(await ended(second.id)).toMatchObject({ status: 'succeeded', releaseState: 'active' });
  expect(percentOf(await visitors(url, 60), 'two')).toBe(100);
  expect((await slipway('promote', second.id)).err).toContain('has ended');

  const third = await deploy('three', '--strategy', 'canary', '--steps', '50:600,100');
  await bakes(third.id, 1);
  const tried = (await visitors(url, 60)).filter(({ page }) => page === 'three');
  expect(tried).not.toEqual([]);
  const abort = await slipway('abort', third.id, '--reason', 'the basket is empty');
  expect(abort.code, abort.err).toBe(0);
  expect(await ended(third.id)).toMatchObject({ status: 'canceled', releaseState: 'rolled-back' });
  expect(percentOf(await visitors(url, 60), 'two')).toBe(100);
  for (const { cookie } of tried) expect((await visit(url, cookie)).page).toBe('two');

  // Nobody promotes: the ends of the bakes come by themselves.
  const fourth = await deploy('four', '--strategy', 'canary', '--steps', '10:2,100', '--wait');
  expect(fourth).toMatchObject({ status: 'succeeded', rollout: { step: 2, weight: 100 } });
  expect(percentOf(await visitors(url, 60), 'four')).toBe(100);
}, 600_000);
