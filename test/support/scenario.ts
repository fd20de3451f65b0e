import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { LogVerifier } from '../../client/src/logs/verify.ts';
import type { NewProject } from '../../client/src/resources/projects.ts';
import { unwrap } from '../../client/src/result.ts';
import { Slipway } from '../../client/src/slipway.ts';
import type { LogLineView } from '../../shared/contracts/logs.ts';

/** The SDK on the shared stack. */
export function sdk(): Slipway {
  const { url, token } = inject('stack');
  return new Slipway({ url, token });
}

/** A name that no other test uses. */
export const uniqueName = (what: string) => `${what}-${randomBytes(4).toString('hex')}`;

export async function projectOf(url: string, more: Partial<NewProject> = {}) {
  const project = unwrap(
    await sdk().projects.create({
      name: uniqueName('site'),
      target: { kind: 'site' },
      repository: { url },
      ...more,
    }),
  );
  const environments = unwrap(await sdk().environments.list(project.id));
  const environment = environments.items[0];
  if (environment === undefined) throw new Error('A new project has no environment.');
  return { project, environment };
}

/** Deploys and waits for the end. */
export async function deployed(projectId: string, environment: string, source: object = {}) {
  const started = unwrap(await sdk().deployments.start({ projectId, environment, ...source }));
  return unwrap(await sdk().deployments.waitFor(started.id));
}

/** Every line of a finished log, proven whole: numbers 1..n, and the hash that the log ended with. */
export async function wholeLog(deploymentId: string): Promise<LogLineView[]> {
  const verifier = new LogVerifier();
  const lines: LogLineView[] = [];
  for await (const event of sdk().deployments.events(deploymentId)) {
    if (event.kind === 'line') {
      await verifier.add(event.line);
      lines.push(event.line);
    }
    if (event.kind === 'end' && !verifier.agrees(event))
      throw new Error('The log does not agree with its end.');
  }
  return lines;
}
