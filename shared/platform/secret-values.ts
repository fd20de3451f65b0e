import type { Deployment, VariableRef } from '../domain/records.ts';
import { InternalError } from '../errors/requests.ts';
import type { SecretReader } from './secrets.ts';

/** Values of variables as a deployment froze them; `secret` are those that must be masked everywhere. */
export interface VariableValues {
  readonly values: Readonly<Record<string, string>>;
  readonly secret: readonly string[];
}

type Place = Pick<Deployment, 'projectId' | 'environment' | 'snapshot'>;

/** The variables of a snapshot that are wanted: plain ones from it, sensitive ones by their revision. */
export async function readVariables(
  secrets: SecretReader,
  deployment: Place,
  wanted: (name: string, variable: VariableRef) => boolean,
): Promise<VariableValues> {
  const chosen = Object.entries(deployment.snapshot.variables).filter(([name, variable]) =>
    wanted(name, variable),
  );
  const read = await Promise.all(
    chosen.map(async ([name, variable]) => ({
      name,
      sensitive: variable.sensitive,
      value: variable.sensitive ? await readSecret(secrets, deployment, name) : (variable.value ?? ''),
    })),
  );
  return {
    values: Object.fromEntries(read.map(({ name, value }) => [name, value])),
    secret: read.filter(({ sensitive }) => sensitive).map(({ value }) => value),
  };
}

/**
 * One sensitive variable's value in the revision that the snapshot names.
 * @throws InternalError where the snapshot has no such variable
 */
export async function readSecret(
  secrets: SecretReader,
  { projectId, environment, snapshot }: Place,
  name: string,
): Promise<string> {
  const variable = snapshot.variables[name];
  if (variable?.sensitive === true) {
    return secrets.get({ projectId, environment, key: name, revision: variable.revision });
  }
  throw new InternalError(`The snapshot has no sensitive variable ${name}.`, {
    facts: { projectId, environment, name },
  });
}
