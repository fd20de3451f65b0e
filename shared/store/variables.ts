import type { VariableRequest, VariableView } from '../contracts/variables.ts';
import { MAX_PLAIN_TOTAL_BYTES, MAX_VARIABLES } from '../contracts/variables.ts';
import type { Environment, VariableRef } from '../domain/records.ts';
import { Conflict, ValidationFailed } from '../errors/requests.ts';
import { ConditionFailed } from '../errors/store.ts';
import { isoTime } from '../platform/clock.ts';
import type { SecretWriter } from '../platform/secrets.ts';
import type { StoreContext } from './context.ts';
import { changeEnvironment, requireEnvironment } from './environments.ts';

/** Concurrent changes of one environment's variables: each loser reads again, this often. */
const ATTEMPTS = 12;

export interface VariablePlace {
  readonly projectId: string;
  readonly environment: string;
  readonly key: string;
}

/**
 * Sets a variable under a new revision. The value of a sensitive one is an object of its own per revision,
 * written before the environment maps the key to it and never rewritten: revisions only rise, and one whose
 * object is there already (a writer died, or another one is at work) is skipped.
 */
export async function setVariable(
  ctx: StoreContext,
  secrets: () => Promise<SecretWriter>,
  place: VariablePlace,
  request: VariableRequest,
  actor: string,
): Promise<VariableView> {
  let revision = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const environment = await requireEnvironment(ctx, place.projectId, place.environment);
    const present = refIn(environment, place.key);
    if (present !== undefined && isSame(present, request)) return viewOfVariable(place.key, present);
    revision = Math.max(revision, environment.revision) + 1;
    const ref = refOf(request, revision, isoTime(ctx.clock.now()), actor);
    const variables = { ...environment.variables, [place.key]: ref };
    checkTotals(variables);
    if (request.sensitive) {
      const writer = await secrets();
      if (!(await writer.put({ ...place, revision }, request.value))) continue;
    }
    if (await changed(ctx, environment, variables)) return viewOfVariable(place.key, ref);
  }
  throw busy(place.environment);
}

/** Takes a variable out of the environment; false where it has none of that name. Earlier revisions stay for rollbacks. */
export async function unsetVariable(ctx: StoreContext, place: VariablePlace): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const environment = await requireEnvironment(ctx, place.projectId, place.environment);
    if (refIn(environment, place.key) === undefined) return false;
    const { [place.key]: _removed, ...rest } = environment.variables;
    if (await changed(ctx, environment, rest)) return true;
  }
  throw busy(place.environment);
}

export function viewOfVariable(key: string, ref: VariableRef): VariableView {
  const { revision, sensitive, use, updatedAt, updatedBy } = ref;
  const view = { key, sensitive, use, revision, updatedAt, updatedBy };
  return sensitive || ref.value === undefined ? view : { ...view, value: ref.value };
}

/** Own fields only: `constructor` is a name like any other. */
const refIn = ({ variables }: Environment, key: string): VariableRef | undefined =>
  Object.hasOwn(variables, key) ? variables[key] : undefined;

/** A plain variable that is set to what it is needs no revision; of a sensitive one nobody can tell. */
const isSame = (ref: VariableRef, request: VariableRequest) =>
  !request.sensitive && !ref.sensitive && ref.value === request.value && ref.use === request.use;

function refOf(
  request: VariableRequest,
  revision: number,
  updatedAt: string,
  updatedBy: string,
): VariableRef {
  const { sensitive, use, value } = request;
  const ref = { revision, sensitive, use, updatedAt, updatedBy };
  return sensitive ? ref : { ...ref, value };
}

function checkTotals(variables: Readonly<Record<string, VariableRef>>): void {
  const refs = Object.values(variables);
  const bytes = refs.reduce((sum, ref) => sum + Buffer.byteLength(ref.value ?? ''), 0);
  const wrong =
    refs.length > MAX_VARIABLES
      ? `an environment holds at most ${MAX_VARIABLES} variables`
      : `the plain values of an environment hold at most ${MAX_PLAIN_TOTAL_BYTES} bytes together`;
  if (refs.length > MAX_VARIABLES || bytes > MAX_PLAIN_TOTAL_BYTES) {
    throw new ValidationFailed([{ field: '/value', message: wrong, code: 'TOO_BIG' }]);
  }
}

async function changed(
  ctx: StoreContext,
  environment: Environment,
  variables: Environment['variables'],
): Promise<boolean> {
  try {
    await changeEnvironment(ctx, environment, { variables });
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

const busy = (environment: string) =>
  new Conflict('INVALID_STATE', `Others keep changing the environment ${environment} at this moment.`, {
    retryable: true,
    suggestion: 'Try again in a few seconds.',
  });
