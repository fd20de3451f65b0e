import type { Deployment, VariableRef } from '../domain/records.ts';
import { InternalError } from '../errors/requests.ts';
import type { Objects } from './objects.ts';

/** Where the value of one revision of a sensitive variable lies: never rewritten (rule 14). */
export const secretKey = (projectId: string, environment: string, name: string, revision: number) =>
  `secrets/${projectId}/${environment}/${name}/${revision}`;

/** Values of variables as a deployment froze them; `secret` are those that must be masked everywhere. */
export interface VariableValues {
  readonly values: Readonly<Record<string, string>>;
  readonly secret: readonly string[];
}

type Place = Pick<Deployment, 'projectId' | 'environment' | 'snapshot'>;

/** The variables of a snapshot that are wanted: plain ones from it, sensitive ones by their revision. */
export async function readVariables(
  secrets: Objects,
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
 * @throws InternalError where it is not stored: values are never removed while a snapshot names them
 */
export async function readSecret(
  secrets: Objects,
  { projectId, environment, snapshot }: Place,
  name: string,
): Promise<string> {
  const variable = snapshot.variables[name];
  const bytes =
    variable?.sensitive === true
      ? await secrets.read(secretKey(projectId, environment, name, variable.revision))
      : undefined;
  if (bytes !== undefined) return Buffer.from(bytes).toString('utf8');
  throw new InternalError(`The value of the sensitive variable ${name} is not stored.`, {
    facts: { projectId, environment, name, revision: variable?.revision },
  });
}
