import type { FieldIssue } from '../errors/requests.ts';
import type { Environment, Snapshot } from './records.ts';

/** Before anything is changed, and after all traffic has moved and passed its live checks. */
export const HOOK_PHASES = ['pre', 'post'] as const;
export type HookPhase = (typeof HOOK_PHASES)[number];

/** Of one phase, the environment's and the request's together. */
export const MAX_HOOKS = 10;

/** Time limits of a hook by its type, in seconds. */
export const HOOK_SECONDS = {
  http: { default: 10, min: 1, max: 30 },
  command: { default: 300, min: 1, max: 3600 },
} as const;

interface HookBase {
  /** A slug, the only one of its phase. */
  readonly name: string;
  readonly timeoutSeconds?: number | undefined;
  /** Of a post hook: it runs in rollbacks too, where its failure only warns. */
  readonly onRollback?: boolean | undefined;
}

/** A call of an address, made by the service. */
export interface HttpHook extends HookBase {
  readonly type: 'http';
  readonly url: string;
  /** POST unless given. */
  readonly method?: 'GET' | 'PUT' | 'POST' | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Name of the sensitive variable that the call is signed with. */
  readonly secret?: string | undefined;
  /** The one status that is success; any 2xx unless given. */
  readonly expectStatus?: number | undefined;
}

/** A command on a runner. */
export interface CommandHook extends HookBase {
  readonly type: 'command';
  readonly command: string;
}

export type Hook = HttpHook | CommandHook;

/** What a request adds behind the hooks of its environment. */
export interface RequestedHooks {
  readonly pre?: readonly Hook[] | undefined;
  readonly post?: readonly Hook[] | undefined;
}

/** What a failing post hook means: the deployment fails and goes back, or it is a warning. */
export const POST_FAILURE_RULES = ['fail', 'warn'] as const;
export type PostFailureRule = (typeof POST_FAILURE_RULES)[number];

export interface Hooks {
  readonly pre: readonly Hook[];
  readonly post: readonly Hook[];
  readonly onPostFailure: PostFailureRule;
}

/** Both lists as they run, the request's behind the environment's; undefined where there is none. */
export function mergedHooks(ofEnvironment: Hooks | undefined, asked: RequestedHooks = {}): Hooks | undefined {
  const pre = [...(ofEnvironment?.pre ?? []), ...(asked.pre ?? [])];
  const post = [...(ofEnvironment?.post ?? []), ...(asked.post ?? [])];
  if (pre.length + post.length === 0) return undefined;
  return { pre, post, onPostFailure: ofEnvironment?.onPostFailure ?? 'fail' };
}

/** What of an environment's hooks a rollback runs: a rollback waits for nothing, and afterwards says that it was one. */
export function hooksOfRollback(ofEnvironment: Hooks | undefined): Hooks | undefined {
  const post = ofEnvironment?.post.filter(({ onRollback }) => onRollback === true) ?? [];
  return post.length === 0 ? undefined : { pre: [], post, onPostFailure: 'warn' };
}

/** What is wrong with a request's hooks where they meet those of the environment. */
export function faultsOfHooks(ofEnvironment: Hooks | undefined, asked: RequestedHooks = {}): FieldIssue[] {
  return HOOK_PHASES.flatMap((phase) => {
    const own = ofEnvironment?.[phase] ?? [];
    const more = asked[phase] ?? [];
    const total = own.length + more.length;
    const tooMany: FieldIssue[] =
      total > MAX_HOOKS
        ? [
            {
              field: `/hooks/${phase}`,
              code: 'TOO_MANY_HOOKS',
              message: `it has ${total} ${phase} hooks, ${own.length} of them the environment's; ${MAX_HOOKS} are the limit`,
            },
          ]
        : [];
    const taken = more.flatMap(({ name }, i): FieldIssue[] =>
      own.some((hook) => hook.name === name)
        ? [
            {
              field: `/hooks/${phase}/${i}/name`,
              code: 'HOOK_NAME_TAKEN',
              message: `the environment has a ${phase} hook ${name} already, which a request cannot replace`,
            },
          ]
        : [],
    );
    return [...tooMany, ...taken];
  });
}

/** Names of the variables that hooks sign with. */
export const secretsOfHooks = (hooks: Hooks | undefined): string[] =>
  [...(hooks?.pre ?? []), ...(hooks?.post ?? [])].flatMap((hook) =>
    hook.type === 'http' && hook.secret !== undefined ? [hook.secret] : [],
  );

/** Secrets that hooks name and the environment does not have. */
export const missingSecrets = ({ variables }: Pick<Environment, 'variables'>, hooks: Hooks | undefined) =>
  secretsOfHooks(hooks).filter((name) => variables[name]?.sensitive !== true);

export const hookSeconds = ({ type, timeoutSeconds }: Hook): number =>
  timeoutSeconds ?? HOOK_SECONDS[type].default;

type WithHooks = Pick<Snapshot, 'hooks'>;

/** The commands before anything is changed, in their order. */
export const preCommands = ({ hooks }: WithHooks): readonly CommandHook[] =>
  hooks?.pre.filter((hook) => hook.type === 'command') ?? [];

/** The calls before anything is changed, in their order. */
export const preCalls = ({ hooks }: WithHooks): readonly HttpHook[] =>
  hooks?.pre.filter((hook) => hook.type === 'http') ?? [];

/** What a job adds to the time of its commands, for fetching and unpacking the artifact, in seconds. */
const UNPACK_SECONDS = 300;

/** How long a runner may work on these commands, from the claim on, in seconds. */
export const commandSeconds = (hooks: readonly CommandHook[]): number =>
  hooks.reduce((sum, hook) => sum + hookSeconds(hook), hooks.length === 0 ? 0 : UNPACK_SECONDS);

/** Named part of the log that a hook's lines stand in. */
export const hookStep = (name: string): `hook:${string}` => `hook:${name}`;
