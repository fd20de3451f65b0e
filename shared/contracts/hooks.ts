import * as z from 'zod/mini';
import { HOOK_STATUSES } from '../domain/hook-runs.ts';
import { HOOK_PHASES, HOOK_SECONDS, type Hook, MAX_HOOKS, POST_FAILURE_RULES } from '../domain/hooks.ts';
import { hookName, isoInstant } from './ids.ts';
import { byteLength } from './json.ts';
import { absoluteUrl, command } from './projects.ts';
import { variableKey } from './variables.ts';

const seconds = ({ min, max }: { min: number; max: number }) =>
  z.optional(z.number().check(z.int(), z.minimum(min), z.maximum(max)));

/** What the call sets by itself, what belongs to one connection, and what would be a secret that everybody can read. */
const REFUSED_HEADERS: Readonly<Record<string, string>> = {
  host: 'is taken from the url',
  'content-length': 'is set by the call',
  'content-type': 'is set by the call, whose body is JSON',
  'accept-encoding': 'is set by the call',
  'webhook-id': 'is set by the call',
  'webhook-timestamp': 'is set by the call',
  'webhook-signature': 'is set by the call',
  connection: 'belongs to a connection',
  'keep-alive': 'belongs to a connection',
  'proxy-connection': 'belongs to a connection',
  'proxy-authenticate': 'belongs to a connection',
  te: 'belongs to a connection',
  trailer: 'belongs to a connection',
  'transfer-encoding': 'belongs to a connection',
  upgrade: 'belongs to a connection',
  expect: 'belongs to a connection',
  authorization:
    'would be a secret in plain sight: name a sensitive variable as secret, which signs the call',
  'proxy-authorization': 'would be a secret in plain sight: name a sensitive variable as secret instead',
  cookie: 'would be a secret in plain sight: name a sensitive variable as secret instead',
};
const MAX_HEADERS = 10;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const HEADER_VALUE = /^[\x20-\x7e]{0,500}$/;

/** Anybody who sees the environment reads them: no place for a secret. */
const headers = z.record(z.string(), z.string()).check(
  z.check((context) => {
    const names = Object.keys(context.value);
    const say = (message: string, ...path: string[]) =>
      context.issues.push({ code: 'custom', path, message, input: undefined });
    if (names.length > MAX_HEADERS) say(`must not have more than ${MAX_HEADERS} headers`);
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(context.value)) {
      const lower = name.toLowerCase();
      const refused = Object.hasOwn(REFUSED_HEADERS, lower) ? REFUSED_HEADERS[lower] : undefined;
      if (refused !== undefined) say(refused, name);
      else if (lower === '__proto__' || lower === 'constructor' || !HEADER_NAME.test(name))
        say('is not the name of a header', name);
      else if (!HEADER_VALUE.test(value)) say('must be at most 500 printable characters', name);
      else if (seen.has(lower)) say('is there twice', name);
      seen.add(lower);
    }
  }),
);

const base = {
  name: hookName,
  /** Of a post hook: in rollbacks too, where its failure only warns. */
  onRollback: z.optional(z.boolean()),
};

const httpHook = z.strictObject({
  type: z.literal('http'),
  ...base,
  /** https; plain http only for hosts that the operator's list names. */
  url: absoluteUrl,
  method: z.optional(z.enum(['GET', 'PUT', 'POST'])),
  headers: z.optional(headers),
  /** Name of a sensitive variable (whsec_...): the call is signed with it as Standard Webhooks are. */
  secret: z.optional(variableKey),
  expectStatus: z.optional(z.number().check(z.int(), z.minimum(100), z.maximum(599))),
  timeoutSeconds: seconds(HOOK_SECONDS.http),
});

const commandHook = z.strictObject({
  type: z.literal('command'),
  ...base,
  command,
  timeoutSeconds: seconds(HOOK_SECONDS.command),
});

const hook = z.discriminatedUnion('type', [httpHook, commandHook]) satisfies z.ZodMiniType<Hook>;

const hookList = z.array(hook).check(
  z.maxLength(MAX_HOOKS, `must not have more than ${MAX_HOOKS} hooks`),
  z.check((context) => {
    const seen = new Set<string>();
    for (const [i, { name }] of context.value.entries()) {
      if (seen.has(name))
        context.issues.push({
          code: 'custom',
          path: [i, 'name'],
          message: `there is a hook ${name} before it`,
          input: name,
        });
      seen.add(name);
    }
  }),
);

/** Hooks that no rollback runs. */
const onlyForward = (why: string) =>
  hookList.check(
    z.check((context) => {
      for (const [i, { onRollback }] of context.value.entries())
        if (onRollback === true)
          context.issues.push({
            code: 'custom',
            path: [i, 'onRollback'],
            message: why,
            input: onRollback,
          });
    }),
  );

/** A rollback waits for nothing that comes before it. */
const preHooks = onlyForward('is for post hooks: a rollback runs no pre hooks');

/** All hooks of an environment, or of a request, in bytes of JSON: both stand in each deployment's record. */
const MAX_HOOKS_BYTES = 32 * 1024;
const smallEnough = z.refine((hooks) => byteLength(JSON.stringify(hooks)) <= MAX_HOOKS_BYTES, {
  error: `must be at most ${MAX_HOOKS_BYTES} bytes of JSON`,
});

/** Hooks of an environment: they run in each of its deployments. */
export const environmentHooks = z
  .strictObject({
    pre: z._default(z.optional(preHooks), []),
    post: z._default(z.optional(hookList), []),
    /** `fail`: the deployment fails, and goes back where rollbackOnFailure says so. `warn`: it goes on. */
    onPostFailure: z._default(z.optional(z.enum(POST_FAILURE_RULES)), 'fail'),
  })
  .check(smallEnough);

/** Hooks of one deployment, behind those of its environment. */
export const requestedHooks = z
  .strictObject({
    pre: z.optional(preHooks),
    post: z.optional(onlyForward('is for hooks of the environment: a rollback runs none of a request')),
  })
  .check(smallEnough);

/** The hooks that a deployment runs, the request's behind the environment's: whoever approves it agrees to these. */
export const hooksSnapshot = z.strictObject({
  pre: z.array(hook),
  post: z.array(hook),
  onPostFailure: z.enum(POST_FAILURE_RULES),
});

/** What became of a hook in a deployment. */
export const hookRunView = z.strictObject({
  phase: z.enum(HOOK_PHASES),
  name: z.string(),
  type: z.enum(['http', 'command']),
  status: z.enum(HOOK_STATUSES),
  startedAt: z.optional(isoInstant),
  finishedAt: z.optional(isoInstant),
  exitCode: z.optional(z.number()),
  message: z.optional(z.string()),
});

/** The body of an http hook: what its receiver can act on. */
export const hookBody = z.strictObject({
  hook: z.string(),
  phase: z.enum(HOOK_PHASES),
  deployment: z.strictObject({
    id: z.string(),
    type: z.enum(['deploy', 'rollback']),
    projectId: z.string(),
    project: z.string(),
    environment: z.string(),
    versionNumber: z.number(),
    ref: z.string(),
    commit: z.optional(z.string()),
    url: z.optional(z.string()),
  }),
});
export type HookBody = z.infer<typeof hookBody>;
