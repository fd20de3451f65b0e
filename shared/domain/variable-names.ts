/** Set by the runner or read by the shell, the loader, Node.js or the AWS tools before any line of a build runs. */
const RESERVED = new Set(['PATH', 'HOME', 'TMPDIR', 'SHELL', 'IFS', 'ENV', 'BASH_ENV', 'NODE_OPTIONS']);
const RESERVED_PREFIXES = ['LD_', 'DYLD_', 'AWS_', 'GIT_', 'SLIPWAY_'];

/** May nobody set this variable? Case does not matter: some platforms ignore it. */
export function isReservedVariable(name: string): boolean {
  const upper = name.toUpperCase();
  return RESERVED.has(upper) || RESERVED_PREFIXES.some((prefix) => upper.startsWith(prefix));
}
