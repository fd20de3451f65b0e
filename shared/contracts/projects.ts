import * as z from 'zod/mini';
import { STARTS_PER_MINUTE } from '../domain/admission.ts';
import { PROJECT_HEALTH, type ProjectSettings } from '../domain/records.ts';
import { isoInstant, projectId, slug, versionId } from './ids.ts';
import { settingsObject } from './json.ts';
import { branchName, sourceUrl } from './source.ts';
import { MAX_VARIABLES, variableKey } from './variables.ts';

/** A command for a shell. */
export const command = z.string().check(
  z.minLength(1),
  z.maxLength(2000),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a NUL would cut the command short for the shell.
  z.regex(/^[^\u0000]*$/, 'must not hold a NUL character'),
);

/** A folder inside the repository: relative, with no way out, and nothing that a tool may read as an option. */
export const folderInRepository = z.string().check(
  z.minLength(1),
  z.maxLength(500),
  z.refine((path) => isInside(path), 'must be a relative path that stays inside the repository'),
);

function isInside(path: string): boolean {
  if (/[\\\p{Cc}]/u.test(path) || path.startsWith('/') || path.startsWith('-') || path.startsWith('~'))
    return false;
  return !path.split('/').includes('..');
}

const httpsUrl = z.string().check(
  z.maxLength(2048),
  z.refine((text) => isPlainUrl(text), 'must be an http or https URL without user name or password'),
);

/** Which addresses may be called is decided where the call is made; here only the form. */
function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false;
  return url.username === '' && url.password === '';
}
export const absoluteUrl = httpsUrl;

export const targetSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('site'), fallback: z.optional(z.enum(['spa', '404'])) }),
  z.strictObject({ kind: z.literal('custom'), url: httpsUrl, secret: variableKey }),
]);

export const repository = z.strictObject({
  url: sourceUrl,
  defaultBranch: z.optional(branchName),
  /** Name of the sensitive variable with the token or SSH key. */
  credential: z.optional(variableKey),
});

export const buildSettings = z.strictObject({
  rootDirectory: z.optional(folderInRepository),
  installCommand: z.optional(command),
  buildCommand: z.optional(command),
  outputDirectory: z.optional(folderInRepository),
  nodeVersion: z.optional(
    z
      .string()
      .check(z.regex(/^v?\d{1,3}(?:\.\d{1,4}){0,2}$/, 'must be a version of Node.js such as 24 or 24.1.0')),
  ),
  framework: z.optional(slug),
});

const runnerLabel = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
      'must be 1-63 letters, digits, dots, hyphens or underscores',
    ),
  );

export { runnerLabel };

const settings = z.strictObject({
  runner: z.optional(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('codebuild') }),
      z.strictObject({ kind: z.literal('agent'), label: z.optional(runnerLabel) }),
    ]),
  ),
  submodules: z.optional(z.boolean()),
  /** Deployments that may be created in a minute, over all environments; 10 unless given. Rollbacks are not counted. */
  startsPerMinute: z.optional(
    z.number().check(z.int(), z.minimum(STARTS_PER_MINUTE.min), z.maximum(STARTS_PER_MINUTE.max)),
  ),
}) satisfies z.ZodMiniType<ProjectSettings>;

/** Names of variables that an environment must have before anything is deployed to it. */
const requiredVariables = z.array(variableKey).check(
  z.maxLength(MAX_VARIABLES),
  z.refine((names) => new Set(names).size === names.length, 'must not name a variable twice'),
);

/** `POST /projects`; and what a PATCH has to lead to. */
export const projectRequest = z.strictObject({
  name: slug,
  target: targetSettings,
  repository: z.optional(repository),
  build: z.optional(buildSettings),
  configuration: z._default(z.optional(settingsObject), {}),
  parameters: z._default(z.optional(settingsObject), {}),
  /** Projects that have to be live before this one is deployed. */
  dependsOn: z._default(
    z.optional(
      z.array(projectId).check(
        z.maxLength(20),
        z.refine((ids) => new Set(ids).size === ids.length, 'must not name a project twice'),
      ),
    ),
    [],
  ),
  requiredVariables: z.optional(requiredVariables),
  settings: z._default(z.optional(settings), {}),
});
export type ProjectRequest = z.infer<typeof projectRequest>;

const served = {
  lifecycle: z.enum(['registered', 'validated', 'deployed', 'active', 'archived']),
  /** Does an environment of it serve something now? */
  online: z.boolean(),
  /** Of what its default environment serves; of another one as long as the default one has served nothing. */
  health: z.enum(PROJECT_HEALTH),
  currentVersion: z.optional(versionId),
  deployedAt: z.optional(isoInstant),
  deployedBy: z.optional(z.string()),
  createdAt: isoInstant,
  updatedAt: isoInstant,
  revision: z.number(),
};

export const projectView = z.strictObject({
  id: projectId,
  name: z.string(),
  target: targetSettings,
  repository: z.optional(repository),
  build: z.optional(buildSettings),
  configuration: settingsObject,
  parameters: settingsObject,
  dependsOn: z.array(projectId),
  requiredVariables: z.optional(z.array(z.string())),
  settings,
  ...served,
  /** The configuration of what it serves: that of the deployment, overrides merged. */
  deployedConfiguration: z.optional(settingsObject),
});
export type ProjectView = z.infer<typeof projectView>;

/** A project in a list: what one looks for, without its settings. */
export const projectRow = z.strictObject({
  id: projectId,
  name: z.string(),
  targetKind: z.enum(['site', 'custom']),
  repositoryUrl: z.optional(z.string()),
  ...served,
});
export type ProjectRow = z.infer<typeof projectRow>;
