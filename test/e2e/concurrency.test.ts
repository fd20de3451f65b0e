import { expect, inject, it } from 'vitest';
import { unwrap } from '../../client/src/result.ts';
import { heldBuild } from '../support/held-build.ts';
import { deployed, projectOf, sdk } from '../support/scenario.ts';
import { siteRepository } from '../support/site-repository.ts';

interface Answer {
  readonly status: number;
  readonly body: { readonly id?: string; readonly code?: string; readonly deploymentId?: string };
}

/** How often a start is repeated with its key, as a client does where the service had no time for it. */
const ATTEMPTS = 4;

/** Plain requests, so that the client's own retries do not hide what the service answers. */
async function start(body: object, key: string, attempt = 1): Promise<Answer> {
  const { url, token } = inject('stack');
  const answer = await fetch(`${url}/v1/deployments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  // Fifty functions starting at once on a small machine may take longer than a request may.
  if (answer.status >= 500 && attempt < ATTEMPTS) return start(body, key, attempt + 1);
  // The bodies of this route: a deployment or a problem document.
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

async function aProject(buildCommand: string) {
  const repository = siteRepository();
  repository.commit({ 'index.html': '<h1>fifty</h1>' });
  const { project, environment } = await projectOf(repository.url, {
    build: { buildCommand, outputDirectory: '.' },
  });
  return { projectId: project.id, environment: environment.name };
}

it('of fifty starts with different keys one is taken and forty-nine name the one that holds the slot', async () => {
  // Whatever comes late finds the slot taken: its owner builds until all are answered.
  await using build = await heldBuild();
  const place = await aProject(build.wait);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => start(place, `different-${place.projectId}-${i}`)),
  );
  build.release();
  const taken = answers.filter((answer) => answer.status === 202);
  const refused = answers.filter((answer) => answer.status === 409);
  expect([taken.length, refused.length]).toEqual([1, 49]);
  const id = taken[0]?.body.id ?? 'none';
  for (const { body } of refused) expect(body).toMatchObject({ code: 'ALREADY_RUNNING', deploymentId: id });
  // What was refused has left nothing behind.
  const all = unwrap(await sdk().deployments.list({ projectId: place.projectId }));
  expect(all.items.map((one) => one.id)).toEqual([id]);
  expect(unwrap(await sdk().deployments.waitFor(id)).status).toBe('succeeded');
});

it('fifty starts with one key are one deployment and fifty equal answers', async () => {
  const place = await aProject('true');
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => start(place, `same-${place.projectId}`)),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
  expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
  const all = unwrap(await sdk().deployments.list({ projectId: place.projectId }));
  expect(all.items).toHaveLength(1);
  expect(unwrap(await sdk().deployments.waitFor(all.items[0]?.id ?? '')).status).toBe('succeeded');
  expect((await deployed(place.projectId, place.environment)).status).toBe('succeeded');
});
