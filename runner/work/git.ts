import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  DEFAULT_SCHEMES,
  parseSourceUrl,
  type SourceScheme,
  type SourceUrl,
} from '../../shared/domain/source-url.ts';
import { StageFailed } from '../../shared/errors/deployments.ts';
import { JOB_MARK } from '../process/find.ts';
import { type Captured, runCaptured, type WorkContext } from './context.ts';
import { type GitCredential, gitCredential } from './credential.ts';

/** git for one repository address: no configuration but ours, no prompt, no hook, no filter. */
export interface Git {
  /** What to hand to git, after `--`. */
  readonly url: string;
  /** Runs git in the repository's folder; a failure of git is an answer, not an error. */
  run(args: readonly string[]): Promise<Captured>;
  /** The same for addresses that the repository names, see schemesWithin. */
  runWithin(args: readonly string[]): Promise<Captured>;
}

/** Nothing of the machine or the repository may make git run a program or remember a secret. */
const CONFIG: GitCredential['config'] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.autocrlf', 'false'],
  ['credential.helper', ''],
  ['protocol.allow', 'never'],
  ['transfer.credentialsInUrl', 'die'],
  ['fetch.recurseSubmodules', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['advice.detachedHead', 'false'],
];

/** @throws InvalidSourceUrl where the address is malformed or its scheme is not allowed on this runner */
export function createGit(
  context: WorkContext,
  repository: { url: string; credential?: string | undefined },
): Git {
  const { workspace, settings } = context;
  const source: SourceUrl = parseSourceUrl(repository.url, settings.schemes);
  const credential = gitCredential(source, repository.credential, workspace, settings);
  context.log.hide(credential.masked);
  const config = [...CONFIG, ...credential.config];
  const home = join(workspace.secret, 'git-home');
  mkdirSync(home, { recursive: true });
  const env = {
    ...settings.passedEnvironment,
    PATH: settings.path,
    HOME: home,
    // git's messages are read for the kind of a failure, see explainGit.
    LC_ALL: 'C.UTF-8',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    [JOB_MARK]: context.jobId,
    ...credential.environment,
    ...configVariables(config),
  };
  const runBy = (schemes: readonly SourceScheme[]) => (args: readonly string[]) =>
    runCaptured(context, {
      program: 'git',
      args,
      cwd: workspace.repository,
      env: { ...env, GIT_ALLOW_PROTOCOL: schemes.join(':') },
    });
  return {
    url: source.href,
    run: runBy(schemesTo(source)),
    runWithin: runBy(schemesWithin(source, settings.schemes)),
  };
}

/** The repository's own, which a redirect may make safer and nothing else. */
const schemesTo = ({ scheme }: SourceUrl): readonly SourceScheme[] =>
  scheme === 'http' ? ['http', 'https'] : [scheme];

/**
 * What submodules may be fetched by: `https` and `ssh`, and what the repository itself came by. Its author chooses
 * their addresses, and folders and loopback ports of this machine are none of the author's business.
 */
const schemesWithin = (source: SourceUrl, allowed: readonly SourceScheme[]): readonly SourceScheme[] => [
  ...new Set([...schemesTo(source), ...allowed.filter((scheme) => DEFAULT_SCHEMES.includes(scheme))]),
];

function configVariables(config: GitCredential['config']): Record<string, string> {
  const pairs = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(config.length) };
}

const CHANGED_HOST = /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/;
/** What git says where the other side refused who we are. It has one exit code for everything. */
const REFUSED = [
  /Authentication failed/,
  /could not read (Username|Password)/,
  /Permission denied \(/,
  /returned error: 40[13]/,
  CHANGED_HOST,
  /Invalid username or (password|token)/i,
];
/** Failures of the network, which another try may not meet. */
const UNREACHABLE = [
  /Could not resolve host/,
  /Connection (refused|timed out|reset)/,
  /Failed to connect to/,
  /unable to connect/,
  /early EOF/,
  /returned error: 5\d\d/,
  /Operation timed out/,
];

/** What git had to say, without its hints and its progress. */
const COMPLAINT = /^(?:fatal|error|remote|ssh|ERROR): /;
const SHOWN_COMPLAINTS = 4;

/** Whether another way to the same commit is no use: the server let us not in, or cannot be reached. */
export function isHopeless(failed: Captured): boolean {
  return [...REFUSED, ...UNREACHABLE].some((pattern) => pattern.test(failed.stderr));
}

/** The failure that ends a job after git could not do `what` ("clone the repository"). */
export function explainGit(what: string, failed: Captured): StageFailed {
  const lines = failed.stderr.split('\n').filter((line) => line.trim() !== '');
  const complaints = lines.filter((line) => COMPLAINT.test(line));
  const said = (complaints.length === 0 ? lines : complaints).slice(-SHOWN_COMPLAINTS).join('; ');
  const message = `git could not ${what} (exit code ${failed.code}): ${said}`;
  if (CHANGED_HOST.test(failed.stderr)) {
    return new StageFailed('AUTH_FAILED', message, {
      exitCode: failed.code,
      suggestion:
        'The server’s key is not the one it had. Where that is right, remove the server from known_hosts in the runner’s work folder.',
    });
  }
  if (REFUSED.some((pattern) => pattern.test(failed.stderr))) {
    return new StageFailed('AUTH_FAILED', message, {
      exitCode: failed.code,
      suggestion: 'Check the repository’s address and its credential: whether it is valid and may read here.',
    });
  }
  const retryable = UNREACHABLE.some((pattern) => pattern.test(failed.stderr));
  return new StageFailed('BUILD_FAILED', message, {
    exitCode: failed.code,
    retryable,
    suggestion: retryable
      ? 'Try again; if it goes on failing, check that the runner can reach the git server.'
      : 'Check that the repository exists at this address and can be read from the runner.',
  });
}
