import * as z from 'zod/mini';
import { unwrap } from '../../result.ts';
import { Slipway } from '../../slipway.ts';
import { saveLogin } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { CommandEnd, EXIT, usage } from '../exit.ts';
import { show } from '../output.ts';
import type { Register } from './command.ts';

interface LoginOptions {
  readonly stack?: string;
  readonly region?: string;
  readonly url?: string;
  readonly token?: string;
}

export const registerLogin: Register = (program, run) => {
  program
    .command('login')
    .description('keep address and token in a file that only you can read')
    .option(
      '--stack <name>',
      'name of the service stack, for example Slipway-Service: makes an admin token with your AWS credentials',
    )
    .option('--region <region>', 'AWS region of the stack; else AWS_REGION or your AWS profile decides')
    .option('--url <url>', 'address of the API')
    .option('--token <token>', 'a token that you were given')
    .action(run(login));
};

async function login(context: CommandContext, options: LoginOptions): Promise<void> {
  const connection =
    options.stack === undefined ? given(options) : await fromStack(options.stack, options.region);
  const slipway = new Slipway(connection);
  // Any call that needs a token tells whether this one is good.
  unwrap(await slipway.projects.list({ limit: 1, signal: context.signal }));
  const path = await saveLogin(context.env, connection);
  show(
    context.terminal,
    { url: connection.url, file: path },
    () => `Logged in to ${connection.url}. The token is in ${path}.`,
  );
}

function given({ url, token }: LoginOptions): { url: string; token: string } {
  if (url === undefined || token === undefined) throw usage('Name --stack, or both --url and --token.');
  return { url, token };
}

const bootstrapAnswer = z.looseObject({ token: z.string() });

async function fromStack(stack: string, region: string | undefined): Promise<{ url: string; token: string }> {
  const { CloudFormationClient, DescribeStacksCommand } = await aws(
    () => import('@aws-sdk/client-cloudformation'),
  );
  const { InvokeCommand, LambdaClient } = await aws(() => import('@aws-sdk/client-lambda'));
  const where = region === undefined ? {} : { region };
  try {
    const { Stacks } = await new CloudFormationClient(where).send(
      new DescribeStacksCommand({ StackName: stack }),
    );
    const output = (name: string) =>
      Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
    const url = output('ApiUrl');
    const bootstrap = output('BootstrapFunction');
    if (url === undefined || bootstrap === undefined) {
      throw new CommandEnd(
        EXIT.refused,
        `The stack ${stack} is not a service stack of Slipway. Name the one that ends in -Service.`,
      );
    }
    const { Payload, FunctionError } = await new LambdaClient(where).send(
      new InvokeCommand({ FunctionName: bootstrap, Payload: '{}' }),
    );
    const answer = z.safeParse(bootstrapAnswer, JSON.parse(new TextDecoder().decode(Payload)));
    if (FunctionError !== undefined || !answer.success) {
      throw new CommandEnd(EXIT.failed, `The bootstrap function of ${stack} failed. Its log group says why.`);
    }
    return { url, token: answer.data.token };
  } catch (error) {
    if (error instanceof CommandEnd) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandEnd(
      EXIT.unreachable,
      `AWS did not answer for stack ${stack}: ${why}. Check region and credentials.`,
    );
  }
}

async function aws<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch {
    throw new CommandEnd(
      EXIT.usage,
      'Logging in by stack needs @aws-sdk/client-cloudformation and @aws-sdk/client-lambda: npm install them.',
    );
  }
}
