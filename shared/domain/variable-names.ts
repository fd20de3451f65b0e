/**
 * Set by the runner or read by the shell, the loader, Node.js or the AWS tools before any line of a build runs;
 * and the one name that no JavaScript object can hold as a plain field.
 */
const RESERVED = new Set([
  '__PROTO__',
  'PATH',
  'HOME',
  'TMPDIR',
  'SHELL',
  'IFS',
  'ENV',
  'BASH_ENV',
  'NODE_OPTIONS',
]);
const RESERVED_PREFIXES = ['LD_', 'DYLD_', 'AWS_', 'SLIPWAY_'];

/** May nobody set this variable? Case does not matter: some platforms ignore it. */
export function isReservedVariable(name: string): boolean {
  const upper = name.toUpperCase();
  return RESERVED.has(upper) || RESERVED_PREFIXES.some((prefix) => upper.startsWith(prefix));
}
