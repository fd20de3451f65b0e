import { unwrap } from '../../client/src/result.ts';
import type { Slipway } from '../../client/src/slipway.ts';
import { EXAMPLE_BRANCH } from './repository.ts';

/** The service makes the first environment together with the project. */
export const EXAMPLE = { name: 'harbour-times', environment: 'production' } as const;

/** Finds the example's project or registers it, and makes sure that it is cloned from where it is served now. */
export async function ensureProject({ projects }: Slipway, repositoryUrl: string): Promise<string> {
  const repository = { url: repositoryUrl, defaultBranch: EXAMPLE_BRANCH };
  const found = unwrap(await projects.named(EXAMPLE.name));
  if (found === undefined) {
    const target = { kind: 'site', fallback: '404' } as const;
    return unwrap(await projects.create({ name: EXAMPLE.name, target, repository })).id;
  }
  if (found.repositoryUrl !== repositoryUrl) unwrap(await projects.update(found.id, { repository }));
  return found.id;
}
