import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceUrl } from '../../shared/domain/source-url.ts';
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

/** @param credential a token, `user:token`, or the text of a private key, by the scheme of the address */
export function gitCredential(
  source: SourceUrl,
  credential: string | undefined,
  workspace: Workspace,
  workDir: string,
): GitCredential {
  if (source.scheme === 'ssh') return sshCredential(credential, workspace, workDir);
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

/** A host's key is believed when it is first seen, and from then on, in all jobs of the agent, it has to be that one. */
function sshCredential(credential: string | undefined, workspace: Workspace, workDir: string): GitCredential {
  const options = [
    '-o BatchMode=yes',
    '-o StrictHostKeyChecking=accept-new',
    `-o UserKnownHostsFile=${quoted(join(workDir, 'known_hosts'))}`,
    '-o ConnectTimeout=30',
    '-F /dev/null',
  ];
  if (credential !== undefined) {
    const file = join(workspace.secret, 'key');
    // ssh refuses a key whose last line has no end.
    writeFileSync(file, `${credential.replaceAll('\r\n', '\n').trimEnd()}\n`, { mode: 0o600 });
    options.push(`-i ${quoted(file)}`, '-o IdentitiesOnly=yes');
  }
  return { environment: { GIT_SSH_COMMAND: ['ssh', ...options].join(' ') }, config: [], masked: [] };
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
