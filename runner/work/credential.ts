import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceUrl } from '../../shared/domain/source-url.ts';
import type { RunnerSettings } from '../settings.ts';
import type { Workspace } from './workspace.ts';

/** How git gets a credential: variables of its process and its configuration, never argv or a kept file. */
export interface GitCredential {
  readonly environment: Readonly<Record<string, string>>;
  readonly config: readonly (readonly [key: string, value: string])[];
  /** Forms of the credential that nobody else knows to mask. */
  readonly masked: readonly string[];
}

const NOTHING: GitCredential = { environment: {}, config: [], masked: [] };
/** Any name does for the tokens of GitHub, GitLab, Gitea and Bitbucket; this is the one that all of them take. */
const TOKEN_USER = 'x-access-token';

type SshSettings = Pick<RunnerSettings, 'workDir' | 'ownSsh'>;

/** @param credential a token, `user:token`, or the text of a private key, by the scheme of the address */
export function gitCredential(
  source: SourceUrl,
  credential: string | undefined,
  workspace: Workspace,
  settings: SshSettings,
): GitCredential {
  if (source.scheme === 'ssh') return sshCredential(credential, workspace, settings);
  if (credential === undefined) return NOTHING;
  if (source.scheme === 'https' || source.scheme === 'http') return tokenCredential(source, credential);
  return NOTHING;
}

/** Only ever ours: whatever git asks, the answer is what its environment holds. */
const HELPER = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$SLIPWAY_GIT_USER" "$SLIPWAY_GIT_TOKEN"; }; f`;

/**
 * By a credential helper, which git asks for this host only. A header of ours (`http.extraHeader`) would go along
 * with what git posts after a redirect to another host.
 */
function tokenCredential(source: SourceUrl, credential: string): GitCredential {
  const token = credential.trim();
  const colon = token.indexOf(':');
  const user = colon < 0 ? TOKEN_USER : token.slice(0, colon);
  const password = token.slice(colon + 1);
  const port = source.port === undefined ? '' : `:${source.port}`;
  return {
    environment: { SLIPWAY_GIT_USER: user, SLIPWAY_GIT_TOKEN: password },
    config: [[`credential.${source.scheme}://${source.host}${port}.helper`, HELPER]],
    masked: [Buffer.from(`${user}:${password}`).toString('base64'), ...(colon < 0 ? [] : [password])],
  };
}

/**
 * By the given key and no other: whoever may name a repository must not reach with the keys of this machine what its
 * operator reaches. Without a key nobody is let in, unless the operator lends the runner's own.
 */
function sshCredential(
  credential: string | undefined,
  workspace: Workspace,
  { workDir, ownSsh }: SshSettings,
): GitCredential {
  const command =
    credential === undefined && ownSsh !== undefined
      ? OWN_SSH
      : [
          ...OWN_SSH,
          ...closedSsh(workDir),
          credential === undefined ? NO_KEY : keyFile(credential, workspace),
        ];
  const environment = { ...(command === OWN_SSH ? ownSsh : {}), GIT_SSH_COMMAND: command.join(' ') };
  return { environment, config: [], masked: [] };
}

/** Everything else is as the configuration of the runner's user says, the hosts it believes among it. */
const OWN_SSH = ['ssh', '-o BatchMode=yes', '-o ConnectTimeout=30'];
const NO_KEY = '-o IdentityFile=none';

/**
 * No configuration, agent or identity of the machine. A host's key is believed when it is first seen, and from then
 * on, in all jobs of the agent, it has to be that one; keys in /etc/ssh/ssh_known_hosts count from the start.
 */
const closedSsh = (workDir: string): string[] => [
  '-o StrictHostKeyChecking=accept-new',
  `-o UserKnownHostsFile=${quoted(join(workDir, 'known_hosts'))}`,
  '-F /dev/null',
  '-o IdentitiesOnly=yes',
  '-o IdentityAgent=none',
  '-o GSSAPIAuthentication=no',
  '-o HostbasedAuthentication=no',
];

function keyFile(credential: string, { secret }: Workspace): string {
  const file = join(secret, 'key');
  // ssh refuses a key whose last line has no end.
  writeFileSync(file, `${credential.replaceAll('\r\n', '\n').trimEnd()}\n`, { mode: 0o600 });
  return `-i ${quoted(file)}`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
