import { CUSTOM_CONTRACT } from '../../contracts/custom-target.ts';
import type { TargetSettings } from '../../domain/records.ts';
import { OutcomeUnknown, StageFailed } from '../../errors/deployments.ts';
import { CAPABILITIES } from '../capabilities.ts';
import type { ProbeAddress, Serving, Target, TargetContext } from '../target.ts';
import { type CallDependencies, type CustomServer, callCustomServer } from './call.ts';
import { newLines } from './logs.ts';

export type CustomSettings = Extract<TargetSettings, { kind: 'custom' }>;
export type CustomContext = TargetContext<CustomSettings>;

/** The server fetches the artifact within this, in seconds. */
const LINK_SECONDS = 3600;
/** Between looks at an activation that goes on at the server, in ms: doubled from the first to the last. */
const ACTIVATION_LOOK_MS = { first: 100, last: 2000 };

/** A team's own deployment server behind the signed HTTP contract of docs/targets/custom.md. */
export function customTarget(deps: CallDependencies): Target<CustomSettings> {
  const activateAt = async (ctx: CustomContext, releaseId: string | null, restore: boolean) => {
    const server = serverOf(ctx);
    await ctx.assertMayChange();
    const request = { action: 'activate', ...baseOf(ctx), releaseId, restore } as const;
    const { state } = await callCustomServer(deps, server, request);
    if (state === 'pending') await untilServing(deps, ctx, releaseId);
  };

  return {
    capabilities: CAPABILITIES.custom,

    // The server makes what it needs when it hears `start`; here only what would make every call fail.
    prepare: async (ctx) => void serverOf(ctx),

    async start(ctx) {
      const { artifact } = ctx;
      if (artifact === undefined) throw new StageFailed('INVALID_CONFIG', 'There is no artifact to place.');
      const { releaseId, state } = await callCustomServer(deps, serverOf(ctx), {
        action: 'start',
        ...baseOf(ctx),
        artifact: { url: await artifact.link(LINK_SECONDS), digest: artifact.digest, size: artifact.size },
        configuration: ctx.configuration,
        parameters: ctx.parameters,
        variables: variablesOf(ctx),
      });
      return { releaseId, state };
    },

    async observe(ctx, cursor) {
      // The status first: lines that were written before it are then among those read after it.
      const { status, message, stagedUrl } = await statusOf(deps, ctx);
      const read = await newLines(
        deps,
        serverOf(ctx),
        { ...baseOf(ctx), releaseId: releaseIdOf(ctx) },
        cursor,
      );
      return { status, message, stagedUrl, ...read };
    },

    activate: (ctx) => activateAt(ctx, releaseIdOf(ctx), false),

    serving: (ctx) => servingOf(deps, ctx),

    async cancel(ctx) {
      const { stopped } = await callCustomServer(deps, serverOf(ctx), {
        action: 'cancel',
        ...baseOf(ctx),
        ...(ctx.releaseId === undefined ? {} : { releaseId: ctx.releaseId }),
      });
      return stopped;
    },

    restore: (ctx) => activateAt(ctx, ctx.previous?.releaseId ?? null, true),

    async stagedAddress(ctx) {
      return addressOf((await statusOf(deps, ctx)).stagedUrl);
    },

    async liveAddress(ctx) {
      return addressOf((await servingOf(deps, ctx)).url);
    },

    async cleanup(ctx, releaseId) {
      await callCustomServer(deps, serverOf(ctx), { action: 'cleanup', ...baseOf(ctx), releaseId });
    },
  };
}

function serverOf({ settings, variables, environment, signal }: CustomContext): CustomServer {
  const secret = variables[settings.secret];
  if (secret !== undefined) return { url: settings.url, secret, signal };
  throw new StageFailed(
    'INVALID_CONFIG',
    `${environment} has no variable ${settings.secret}, which holds the signing secret of the target.`,
    {
      suggestion: `Set ${settings.secret} to the secret that the deployment server knows (whsec_...).`,
    },
  );
}

function baseOf({ projectId, projectName, environment, deploymentId, fence }: CustomContext) {
  const project = { id: projectId, name: projectName };
  return { contract: CUSTOM_CONTRACT, project, environment, deploymentId, fence } as const;
}

/** The signing secret is ours and the server's, not the app's. */
function variablesOf({ variables, settings }: CustomContext): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => name !== settings.secret));
}

function releaseIdOf({ releaseId, deploymentId }: CustomContext): string {
  if (releaseId !== undefined) return releaseId;
  throw new StageFailed('RELEASE_FAILED', `Deployment ${deploymentId} has no release at the target.`);
}

const statusOf = (deps: CallDependencies, ctx: CustomContext) =>
  callCustomServer(deps, serverOf(ctx), { action: 'status', ...baseOf(ctx), releaseId: releaseIdOf(ctx) });

async function servingOf(deps: CallDependencies, ctx: CustomContext): Promise<Serving> {
  const { deploymentId, releaseId, url } = await callCustomServer(deps, serverOf(ctx), {
    action: 'serving',
    ...baseOf(ctx),
  });
  return { deploymentId: deploymentId ?? undefined, releaseId: releaseId ?? undefined, url };
}

/**
 * Waits for an activation that the server finishes by itself; ends with the call's own time. Whatever ends the
 * waiting, the activation may still go on.
 */
async function untilServing(
  deps: CallDependencies,
  ctx: CustomContext,
  releaseId: string | null,
): Promise<void> {
  try {
    let pause = ACTIVATION_LOOK_MS.first;
    while (((await servingOf(deps, ctx)).releaseId ?? null) !== releaseId) {
      await deps.clock.sleep(pause, ctx.signal);
      pause = Math.min(pause * 2, ACTIVATION_LOOK_MS.last);
    }
  } catch (cause) {
    throw new OutcomeUnknown('The deployment server was not seen to finish the activation.', { cause });
  }
}

const addressOf = (url: string | undefined): ProbeAddress | undefined =>
  url === undefined ? undefined : { url, headers: {} };
