import { randomBytes } from 'node:crypto';
import type { NewProject } from '../../client/src/resources/projects.ts';
import { unwrap } from '../../client/src/result.ts';
import { projectOf, sdk, uniqueName } from './scenario.ts';
import { zipOf } from './zip.ts';

/** An environment whose releases a team's own server places. */
export interface Place {
  readonly projectId: string;
  readonly environment: string;
}

/** Name of the variable that holds what requests to the server are signed with. */
export const SECRET = 'DEPLOY_SECRET';
export const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

/** The secret is a sensitive variable; without one the project does not know it. */
export async function projectAt(
  url: string,
  secret?: string,
  { repository = 'https://example.invalid/app.git', ...more }: PlaceOptions = {},
): Promise<Place> {
  const target = { kind: 'custom', url, secret: SECRET } as const;
  const { project, environment } = await projectOf(repository, { target, ...more });
  const place = { projectId: project.id, environment: environment.name };
  if (secret !== undefined) {
    const body = { value: secret, sensitive: true, use: 'runtime' } as const;
    unwrap(await sdk().environments.setVariable(place.projectId, place.environment, SECRET, body));
  }
  return place;
}

type PlaceOptions = Partial<Pick<NewProject, 'build' | 'settings'>> & { readonly repository?: string };

/** Uploads a zip, so that there is nothing to build, and deploys it. */
export async function startZip({ projectId, environment }: Place) {
  const zip = await zipOf([{ path: 'index.html', content: uniqueName('page') }]);
  const version = unwrap(await sdk().versions.upload(projectId, new Uint8Array(zip)));
  return sdk().deployments.start({ projectId, environment, versionId: version.id });
}

/** Deploys a zip and waits for the end. */
export async function deployZip(place: Place) {
  const started = unwrap(await startZip(place));
  return unwrap(await sdk().deployments.waitFor(started.id));
}

/** Which deployment's release whoever asks there gets; null: none. */
export const liveAt = async (address: string | undefined) =>
  (await fetch(address ?? '')).headers.get('x-release');
