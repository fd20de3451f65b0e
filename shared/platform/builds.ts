import { createHash } from 'node:crypto';
import type { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { PlatformUnavailable } from '../errors/requests.ts';
import { clientOptions, metered } from './aws.ts';

/** One build in CodeBuild for one job. */
export interface Builds {
  /** Starts a build that claims exactly this job; returns the build's id. @throws PlatformUnavailable */
  start(job: { readonly jobKey: string; readonly ticket: string; readonly apiUrl: string }): Promise<string>;
  /** Asks a build to stop; one that is over is as good. */
  stop(buildId: string): Promise<void>;
}

/** The client's code is loaded with the first build: where agents build there is none. */
export function codeBuilds(projectName: string, given?: CodeBuildClient): Builds {
  let loaded: ReturnType<typeof load> | undefined;
  const sdk = () => {
    loaded ??= load(given);
    return loaded;
  };
  return {
    start: async ({ jobKey, ticket, apiUrl }) => {
      const { client, StartBuildCommand } = await sdk();
      const command = new StartBuildCommand({
        projectName,
        // The SDK sends it again where no answer came; CodeBuild knows by this that it is the same start.
        idempotencyToken: createHash('sha256').update(ticket).digest('hex'),
        environmentVariablesOverride: [
          { name: 'SLIPWAY_URL', value: apiUrl },
          { name: 'SLIPWAY_JOB_KEY', value: jobKey },
          // Works once, for this job alone, so it may stand in the build's settings.
          { name: 'SLIPWAY_TICKET', value: ticket },
        ],
      });
      try {
        const { build } = await client.send(command);
        return build?.id ?? '';
      } catch (cause) {
        throw new PlatformUnavailable('CodeBuild did not start the build.', {
          cause,
          suggestion: 'See whether CodeBuild is at its limit of builds in this account, then deploy again.',
        });
      }
    },
    stop: async (id) => {
      const { client, StopBuildCommand } = await sdk();
      await client.send(new StopBuildCommand({ id }));
    },
  };
}

async function load(given: CodeBuildClient | undefined) {
  const { CodeBuildClient, StartBuildCommand, StopBuildCommand } = await import('./sdk/code-build.ts');
  return {
    client: given ?? metered(new CodeBuildClient(clientOptions())),
    StartBuildCommand,
    StopBuildCommand,
  };
}
