import { delimiter, dirname } from 'node:path';

/** The one file of local/ that reads the process's environment. */

/**
 * An emulator that runs already, or undefined where npm start has to make its own. `localhost` becomes its
 * address, because the SDK puts bucket names in front of a host name, and such names don't resolve everywhere.
 */
export function givenEndpoint(): string | undefined {
  const url = process.env['AWS_ENDPOINT_URL'];
  if (url === undefined || url === '') return undefined;
  return url.replace(/^(https?:\/\/)localhost(?=[:/]|$)/, '$1127.0.0.1').replace(/\/+$/, '');
}

/** Where to keep everything instead of in `.slipway`, so that a second one can run beside the first. */
export function givenFolder(): string | undefined {
  return process.env['SLIPWAY_DIR'] || undefined;
}

/** Whether npm runs this program, and so is a process above it. */
export function isNpmScript(): boolean {
  return process.env['npm_lifecycle_event'] !== undefined;
}

/** Whether the emulator shall check every call against the caller's IAM policies. */
export function wantsIamEnforced(): boolean {
  return process.env['SLIPWAY_ENFORCE_IAM'] === '1';
}

/** What a person's own settings may tell a child: where programs, packages and certificates are. */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TERM|NO_COLOR|TMPDIR|(HTTPS?|NO|ALL)_PROXY|PIP_.*|npm_config_(registry|cafile|(https-?)?proxy|noproxy)|SSL_CERT_.*|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|GIT_(SSL|CONFIG)_.*|PYENV_.*|XDG_.*)$/i;

/**
 * The environment of a child: only what it needs from this one (never the person's AWS credentials or profile,
 * so nothing here can reach a real account by accident), the Node that runs this program first in PATH, and
 * what the caller adds.
 */
export function childEnvironment(added: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && INHERITED.test(name)) kept[name] = value;
  }
  const path = [dirname(process.execPath), kept['PATH'] ?? '/usr/bin:/bin'].join(delimiter);
  return { ...kept, PATH: path, ...added };
}

/**
 * The variables of this machine without which a build can't reach a registry from here. The runner passes only
 * what is named to it.
 */
export function networkVariables(): string[] {
  return Object.keys(childEnvironment()).filter((name) => NETWORK.test(name));
}

/** Of npm's variables only these: it hands every script its folders and its log level as well. */
const NETWORK =
  /proxy|_cert|ca_certs|^npm_config_(registry|ca|cafile|cert|key|strict_ssl|[@/].*)$|^GIT_SSL_/i;
