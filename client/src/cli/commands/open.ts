import { unwrap } from '../../result.ts';
import type { Slipway } from '../../slipway.ts';
import { openerOf, openInBrowser } from '../browser.ts';
import { type CommandContext, client, environmentNamed, projectNamed } from '../context.ts';
import { deploymentArgument } from '../deployment-argument.ts';
import { CommandEnd, EXIT, usage } from '../exit.ts';
import { show } from '../output.ts';
import type { Register } from './command.ts';

interface OpenOptions {
  readonly project?: string;
  readonly env?: string;
  readonly print?: boolean;
}

export const registerOpen: Register = (program, run) => {
  program
    .command('open')
    .addArgument(deploymentArgument('[deployment]'))
    .description('show in the browser where a deployment or an environment is served')
    .option('--project <project>', 'name or id of a project, where no deployment is named')
    .option('--env <name>', 'its environment; the default one where it is left out')
    .option('--print', 'print the address only, as in a pipe and where there is no browser')
    .action(run(open));
};

async function open(
  context: CommandContext,
  deployment: string | undefined,
  options: OpenOptions,
): Promise<void> {
  const { terminal, env } = context;
  if (deployment !== undefined && (options.project ?? options.env) !== undefined)
    throw usage('Name either a deployment, or --project (and --env).');
  const slipway = await client(context);
  const url =
    deployment === undefined
      ? await environmentUrl(context, slipway, options)
      : await deploymentUrl(context, slipway, deployment);
  const opener = terminal.interactive && !options.print ? openerOf(process.platform, env) : undefined;
  const isOpen = opener !== undefined && (await openInBrowser(url, opener));
  show(terminal, { url }, () => (isOpen ? `Opened ${url}` : url));
}

async function deploymentUrl({ signal }: CommandContext, slipway: Slipway, id: string): Promise<string> {
  const { url, previewUrls, status } = unwrap(await slipway.deployments.get(id, { signal }));
  // What waits for its switch can be looked at where nobody else sees it yet.
  const address = url ?? previewUrls.at(0);
  if (address !== undefined) return webAddress(address);
  throw new CommandEnd(
    EXIT.refused,
    `${id} is ${status} and is served nowhere. See why: slipway status ${id}`,
  );
}

async function environmentUrl(
  { signal }: CommandContext,
  slipway: Slipway,
  options: OpenOptions,
): Promise<string> {
  if (options.project === undefined) throw usage('Name a deployment, or --project (and --env).');
  const { id, name } = await projectNamed(slipway, options.project, signal);
  const env = await environmentNamed(slipway, id, options.env, signal);
  const { url, active } = unwrap(await slipway.environments.get(id, env, { signal }));
  if (url !== undefined && active !== undefined) return webAddress(url);
  throw new CommandEnd(
    EXIT.refused,
    `${env} of ${name} serves nothing yet. Deploy to it: slipway deploy --project ${name} --env ${env}`,
  );
}

/** A target of somebody's own says where it serves: nothing but a web address goes to the program that opens it. */
function webAddress(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  throw new CommandEnd(
    EXIT.refused,
    `The target serves it at ${JSON.stringify(text)}, which is no web address.`,
  );
}
