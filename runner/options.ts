import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_SCHEMES, SOURCE_SCHEMES, type SourceScheme } from '../shared/domain/source-url.ts';
import { DEFAULT_BUILD_USERS } from './build-user.ts';
import { agentWorkDir, fromEnvironment, onceWorkDir, passedEnvironment, searchPath } from './environment.ts';
import { findBuildUser } from './process/user.ts';
import type { RunnerSettings } from './settings.ts';

/** The command line is wrong: shown as its sentence, exit code 2. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

export const USAGE = `Usage:
  runner agent --url <api> [options]    take jobs as they come; ends with 3 where the service refuses its token
  runner once --url <api> --job-key <key> [options]             do one job and end

  --token <token>, --token-file <file>   runner token (agent); better SLIPWAY_RUNNER_TOKEN, which ps does not show
  --ticket <ticket>                      claim ticket (once); better SLIPWAY_TICKET
  --label <label>                        take only jobs with this label
  --websocket <wss url>                  where jobs are announced, where it is not what the service says
  --parallel <n>                         jobs at a time (1)
  --look-every <seconds>                 ask for work at least this often (60)
  --work-dir <folder>                    for clones and builds; one runner each
  --cache-dir <folder>                   keep the package manager's downloads between jobs
  --allow-schemes <http,git,file>        clone by these as well as by https and ssh
  --own-ssh                              reach repositories by ssh that have no credential with the keys, the agent and
                                         the configuration of this user: any repository that a project names
  --build-user <name>                    run install and build as this user (needs root; one job at a time, a user for
                                         this runner alone: whatever it began is ended with the job). An agent that is
                                         root tries slipway-build, then nobody; "root" lets builds be root
  --ready-file <file>                    written when the agent takes jobs, with who builds; for who starts it
  --pass-env <NAME,...>                  variables of this machine that builds and git get; or SLIPWAY_PASS_ENV
  --npmrc <file>                         npm configuration that builds get`;

const known = {
  url: { type: 'string' },
  websocket: { type: 'string' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  'job-key': { type: 'string' },
  ticket: { type: 'string' },
  label: { type: 'string' },
  parallel: { type: 'string' },
  'look-every': { type: 'string' },
  'work-dir': { type: 'string' },
  'cache-dir': { type: 'string' },
  'allow-schemes': { type: 'string' },
  'own-ssh': { type: 'boolean' },
  'build-user': { type: 'string' },
  'ready-file': { type: 'string' },
  'pass-env': { type: 'string' },
  npmrc: { type: 'string' },
  help: { type: 'boolean' },
} as const;
type Values = { [K in keyof typeof known]?: string | boolean };

export type RunnerOptions =
  | {
      readonly mode: 'agent';
      readonly url: string;
      readonly websocketUrl: string | undefined;
      readonly token: string;
      readonly label: string | undefined;
      readonly parallel: number | undefined;
      readonly lookEverySeconds: number | undefined;
      /** Users to try for builds; none where one was named, or where the agent is not root. */
      readonly buildUsers: readonly string[];
      readonly readyFile: string | undefined;
      readonly settings: RunnerSettings;
    }
  | {
      readonly mode: 'once';
      readonly url: string;
      readonly jobKey: string;
      readonly ticket: string;
      readonly settings: RunnerSettings;
    }
  | { readonly mode: 'help' };

/** @throws WrongUsage; StageFailed where the build user does not exist */
export async function parseOptions(args: readonly string[]): Promise<RunnerOptions> {
  const { values, positionals } = parse(args);
  const [mode, ...rest] = positionals;
  if (values.help === true) return { mode: 'help' };
  if (rest.length > 0) throw new WrongUsage(`"${rest[0]}" is one word too many.`);
  const text = (name: keyof typeof known) => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const url = required(text('url') ?? fromEnvironment.url(), '--url');
  const ownSsh = values['own-ssh'] === true ? passedEnvironment(['SSH_AUTH_SOCK']) : undefined;
  const read = await readSettings(text, mode === 'once' ? onceWorkDir() : agentWorkDir());
  const settings = { ...read, ownSsh };
  if (mode === 'agent') {
    const file = text('token-file');
    const token = text('token') ?? (file && readFileSync(file, 'utf8').trim()) ?? fromEnvironment.token();
    const parallel = count(text('parallel'), '--parallel');
    if (settings.buildUser !== undefined && (parallel ?? 1) > 1) {
      throw new WrongUsage(
        '--build-user and --parallel do not go together: jobs of one user reach each other.',
      );
    }
    return {
      mode,
      url,
      websocketUrl: text('websocket'),
      token: required(token, '--token'),
      label: text('label'),
      parallel,
      lookEverySeconds: count(text('look-every'), '--look-every'),
      buildUsers: isRoot() && text('build-user') === undefined ? DEFAULT_BUILD_USERS : [],
      readyFile: text('ready-file'),
      settings,
    };
  }
  if (mode === 'once') {
    const jobKey = required(text('job-key') ?? fromEnvironment.jobKey(), '--job-key');
    return {
      mode,
      url,
      jobKey,
      ticket: required(text('ticket') ?? fromEnvironment.ticket(), '--ticket'),
      settings,
    };
  }
  throw new WrongUsage('Say what to be: agent or once.');
}

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new WrongUsage(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function readSettings(
  text: (name: keyof typeof known) => string | undefined,
  defaultWorkDir: string,
): Promise<RunnerSettings> {
  const user = text('build-user');
  if (user !== undefined && !isRoot()) {
    throw new WrongUsage('--build-user needs a runner that runs as root.');
  }
  const path = (value: string | undefined) => (value === undefined ? undefined : resolve(value));
  return {
    workDir: resolve(text('work-dir') ?? defaultWorkDir),
    schemes: [...DEFAULT_SCHEMES, ...listed(text('allow-schemes')).map(scheme)],
    path: searchPath(),
    passedEnvironment: passedEnvironment(listed(text('pass-env') ?? fromEnvironment.passEnv())),
    npmrc: path(text('npmrc')),
    cacheDir: path(text('cache-dir')),
    buildUser: user === undefined || user === 'root' ? undefined : await findBuildUser(user),
  };
}

const isRoot = () => process.getuid?.() === 0;

function listed(value: string | undefined): string[] {
  return (value ?? '').split(',').filter((part) => part !== '');
}

function scheme(name: string): SourceScheme {
  const found = SOURCE_SCHEMES.find((each) => each === name);
  if (found === undefined) throw new WrongUsage(`--allow-schemes: "${name}" is none of http, git and file.`);
  return found;
}

function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new WrongUsage(`${option} is missing.`);
  return value;
}

function count(value: string | undefined, option: string): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new WrongUsage(`${option} must be a number of at least 1.`);
  return Number(value);
}
