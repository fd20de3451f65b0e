import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import type { DeploymentView } from '../../../../shared/contracts/deployments.ts';
import type { StartDeployment } from '../../resources/deployment-options.ts';
import { unwrap } from '../../result.ts';
import type { Slipway } from '../../slipway.ts';
import { pc } from '../colors.ts';
import { type CommandContext, client, environmentNamed, projectNamed } from '../context.ts';
import { CommandEnd, EXIT, exitCodeOfStatus, usage } from '../exit.ts';
import { objectIn } from '../fields.ts';
import { watch } from '../live/watch.ts';
import { colored, duration, errorText, show } from '../output.ts';
import { zipFolder } from '../zip.ts';
import type { Register } from './command.ts';
import { stepsFrom } from './rollout.ts';

interface DeployOptions {
  readonly project: string;
  readonly env?: string;
  readonly ref?: string;
  readonly tag?: string;
  readonly dir?: string;
  readonly artifact?: string;
  readonly version?: string;
  readonly message?: string;
  readonly strategy?: string;
  readonly steps?: string;
  readonly hooks?: string;
  readonly force?: boolean;
  readonly automatic?: boolean;
  readonly wait?: boolean;
  readonly follow?: boolean;
}

export const registerDeploy: Register = (program, run) => {
  program
    .command('deploy')
    .description('make a version live')
    .requiredOption('--project <project>', 'name or id of the project')
    .option('--env <name>', 'environment; the default one where it is left out')
    .option('--ref <ref>', 'branch or commit; the default branch where nothing is named')
    .option('--tag <tag>', 'tag')
    .option('--dir <folder>', 'zip and upload a folder; nothing is built')
    .option('--artifact <zip>', 'upload a zip; nothing is built')
    .option('--version <id>', 'deploy a version that exists')
    .option('--message <text>', 'why; shown with the deployment')
    .addOption(
      new Option('--strategy <strategy>', 'how traffic moves').choices([
        'all-at-once',
        'blue-green',
        'canary',
        'rolling',
      ]),
    )
    .option(
      '--steps <steps>',
      'of a canary: percent of the visitors and seconds, for example 10:300,50:300,100',
    )
    .option('--hooks <json>', 'file (or -) with hooks that run behind those of the environment')
    .option('--force', 'skip the checks of health and of an active deployment')
    .option('--automatic', 'no person decides on it now; refused for what a rollback keeps out')
    .option('--wait', 'wait for the end')
    .option('--follow', 'show stages and log lines until the end')
    .action(run(deploy));
};

async function deploy(context: CommandContext, options: DeployOptions): Promise<void> {
  const sources = [options.ref, options.tag, options.dir, options.artifact, options.version].filter(
    (given) => given !== undefined,
  );
  if (sources.length > 1) throw usage('Name one of --ref, --tag, --dir, --artifact and --version.');
  const slipway = await client(context);
  const { signal } = context;
  const project = await projectNamed(slipway, options.project, signal);
  const environment = await environmentNamed(slipway, project.id, options.env, signal);
  const request: StartDeployment = {
    projectId: project.id,
    environment,
    ...(await sourceOf(slipway, project.id, options, signal)),
    ...(options.message && { message: options.message }),
    // Commander takes none but these.
    ...(options.strategy && { strategy: options.strategy as NonNullable<StartDeployment['strategy']> }),
    ...(options.steps && { steps: stepsFrom(options.steps) }),
    // The service checks every field.
    ...(options.hooks && { hooks: (await objectIn(options.hooks)) as StartDeployment['hooks'] }),
    ...(options.force && { force: true }),
    ...(options.automatic && { method: 'automatic' }),
  };
  const started = unwrap(await slipway.deployments.start(request, { signal }));
  if (!options.follow && !options.wait) {
    show(
      context.terminal,
      started,
      () => `${begun(started)} of ${project.name} in ${environment}. Watch it: slipway logs -f ${started.id}`,
    );
    return;
  }
  try {
    if (options.follow) await watch(context, slipway, started.id);
    const ended = unwrap(await slipway.deployments.waitFor(started.id, { signal }));
    report(context, ended, project.name, options.follow === true);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CommandEnd(
      EXIT.canceled,
      `No longer watching. ${started.id} goes on; see how it does: slipway logs -f ${started.id}`,
    );
  }
}

async function sourceOf(
  slipway: Slipway,
  projectId: string,
  options: DeployOptions,
  signal: AbortSignal,
): Promise<Pick<StartDeployment, 'versionId' | 'source'>> {
  if (options.version !== undefined) return { versionId: options.version };
  if (options.tag !== undefined) return { source: { type: 'tag', ref: options.tag } };
  if (options.ref !== undefined) {
    const type = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(options.ref) ? 'commit' : 'branch';
    return { source: { type, ref: options.ref } };
  }
  const zip = await zipOf(options);
  if (zip === undefined) return {};
  // Else a name that is mistyped would leave a version behind, and show only once all is uploaded.
  if (options.env !== undefined) unwrap(await slipway.environments.get(projectId, options.env, { signal }));
  return { versionId: unwrap(await slipway.versions.upload(projectId, zip, { signal })).id };
}

async function zipOf(options: DeployOptions): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (options.dir !== undefined) return zipFolder(options.dir);
  if (options.artifact === undefined) return undefined;
  const path = options.artifact;
  return new Uint8Array(
    await readFile(path).catch(() => {
      throw usage(`The file ${path} cannot be read.`);
    }),
  );
}

/** Says how a deployment ended; the shell gets the code for it. */
export function report(
  context: CommandContext,
  ended: DeploymentView,
  projectName: string,
  logShown: boolean,
): void {
  show(context.terminal, ended, () => summary(ended, projectName, logShown));
  const code = exitCodeOfStatus(ended.status);
  if (code !== 0) throw new CommandEnd(code, '');
}

function summary(ended: DeploymentView, projectName: string, logShown: boolean): string {
  const took = ended.durationSeconds === undefined ? '' : ` after ${duration(ended.durationSeconds)}`;
  const head = `${colored(ended.status)}${took}: ${projectName} in ${ended.environment} (${ended.id})`;
  if (ended.status === 'succeeded') return ended.url === undefined ? head : `${head}\n${pc.bold(ended.url)}`;
  const { error } = ended;
  if (error === undefined) return head;
  // Below its first line a message holds the end of the log, which a follower has just read.
  const message = logShown ? (error.message.split('\n', 1)[0] ?? '') : error.message;
  return [head, ...errorText({ ...error, message })].join('\n');
}

/** Started, or where it waits in line. */
function begun({ id, queue }: DeploymentView): string {
  if (queue === undefined) return `Started ${id}`;
  const behind = queue.behind === undefined ? '' : ` behind ${queue.behind}`;
  return `Queued ${id} at position ${queue.position}${behind}`;
}
