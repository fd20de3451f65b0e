import * as z from 'zod/mini';

const ULID = '[0-9A-HJKMNP-TV-Z]{26}';
const prefixed = (prefix: string, what: string) =>
  z
    .string()
    .check(
      z.regex(new RegExp(`^${prefix}_${ULID}$`), `must be the id of a ${what}: ${prefix}_ and 26 characters`),
    );

export const projectId = prefixed('prj', 'project');
export const versionId = prefixed('ver', 'version');
export const deploymentId = prefixed('dep', 'deployment');
export const tokenId = prefixed('tok', 'token');
export const runnerId = prefixed('run', 'runner');
export const jobId = prefixed('job', 'job');
export const freezeId = prefixed('frz', 'freeze');
export const scheduleId = prefixed('sch', 'schedule');

/** Lower-case letters, digits and single hyphens, 1-63 characters: fits a DNS label. */
export const slug = z
  .string()
  .check(
    z.maxLength(63, 'must have at most 63 characters'),
    z.regex(
      /^[a-z0-9](?:-?[a-z0-9])*$/,
      'must be lower-case letters, digits and single hyphens, starting and ending with a letter or digit',
    ),
  );

/** An environment's name; kept short so that `<environment>--<project>` stays a DNS label where projects are short too. */
export const environmentName = slug.check(z.maxLength(30, 'must have at most 30 characters'));

/** A hook's name stands in the names of log steps and in webhook ids. */
export const hookName = slug.check(z.maxLength(40, 'must have at most 40 characters'));

export const isoInstant = z
  .string()
  .check(z.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, 'must be ISO 8601 UTC with milliseconds'));
export const sha256Hex = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'));
