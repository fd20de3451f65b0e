import { contentKeyOf } from '../blocked.ts';
import type { Good } from '../records.ts';
import type { Prerequisites, Result } from './result.ts';

/** An environment that comes before the one that is deployed to. */
export interface Promotion {
  readonly environment: string;
  /** Since when (ISO) it has been there; absent: it is there no more. */
  readonly since?: string | undefined;
  /** That the content succeeded in it; absent: it has not, or nobody knows yet which content it is. */
  readonly good?: Good | undefined;
}

/** What succeeded in an environment of the same name that was deleted since has not succeeded in this one. */
export const isMet = ({ since, good }: Promotion): boolean =>
  since !== undefined && good !== undefined && good.at >= since;

/** The same content, not the same version: the commit or the digest must have succeeded in each of them. */
export function promotedInOrder({ environment, promotions, attempt }: Prerequisites): Result {
  const name = 'promotion';
  const { source } = attempt;
  const before = promotions.map((one) => one.environment).join(', ');
  if (promotions.length === 0) return { name, message: 'it may come here without having been anywhere else' };
  const gone = promotions.filter(({ since }) => since === undefined);
  const key = contentKeyOf(source);
  if (key === undefined && gone.length === 0) {
    const message = `whether ${source.ref} succeeded in ${before} is seen once its commit is known`;
    return { name, message };
  }
  const message = `it succeeded in ${before}`;
  const missing = promotions.filter((one) => !isMet(one));
  if (missing.length === 0) return { name, message };
  const names = missing.map((one) => one.environment).join(', ');
  const what = source.type === 'upload' ? `the artifact ${short(key)}` : `${source.ref} (${short(key)})`;
  return {
    name,
    message,
    issue: {
      field: '/environment',
      code: 'NOT_PROMOTED',
      message: `${what} has not succeeded in ${names}, from where ${environment.name} is promoted`,
      suggestion:
        gone.length === 0
          ? `Deploy it to ${names} first.`
          : `Take ${gone.map((one) => one.environment).join(', ')}, which is gone, out of promoteFrom of ${environment.name}.`,
    },
  };
}

const short = (key = 'commit not known yet') => (/^[0-9a-f]{40,64}$/.test(key) ? key.slice(0, 12) : key);
