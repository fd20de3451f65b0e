import { expect, inject, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { keptInBuckets } from '../support/kept.ts';
import { projectOf, sdk, uniqueName } from '../support/scenario.ts';
import { zipOf } from '../support/zip.ts';

async function objectsOf(projectId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { where } of keptInBuckets()) if (where.includes(projectId)) found.push(where);
  return found;
}

async function remove(path: string): Promise<number> {
  const { url, token } = inject('stack');
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${url}/v1${path}`, { method: 'DELETE', headers })).status;
}

it('what serves is not deleted by accident; on purpose it goes with its secrets and uploads', async () => {
  const { environments, versions, deployments } = sdk();
  const { project, environment } = await projectOf('https://example.invalid/site.git');
  const secret = { value: uniqueName('secret'), sensitive: true } as const;
  unwrap(await environments.setVariable(project.id, environment.name, 'API_KEY', secret));
  const zip = await zipOf([{ path: 'index.html', content: '<h1>to go</h1>' }]);
  const version = unwrap(await versions.upload(project.id, new Uint8Array(zip)));
  const place = { projectId: project.id, environment: environment.name };
  const { id } = unwrap(await deployments.start({ ...place, versionId: version.id }));
  const ended = unwrap(await deployments.waitFor(id));
  expect(ended.status).toBe('succeeded');

  expect(await remove(`/projects/${project.id}`)).toBe(409);
  const kinds = (await objectsOf(project.id)).map((where) => where.split('/')[1]);
  expect(new Set(kinds)).toEqual(new Set(['secrets', 'uploads']));

  expect(await remove(`/projects/${project.id}?leaveReleases=true`)).toBe(204);
  expect(await objectsOf(project.id)).toEqual([]);
  // It says "leave": what is served goes on being served, and what happened stays in the history.
  expect((await fetch(ended.url ?? '')).status).toBe(200);
  expect(unwrap(await deployments.get(id)).status).toBe('succeeded');
});
