import { mergePatch } from '../../shared/domain/merge.ts';
import type { Json, JsonObject } from '../../shared/domain/records.ts';
import { Conflict, ValidationFailed } from '../../shared/errors/requests.ts';
import { ConditionFailed } from '../../shared/errors/store.ts';

/** Two edits at once: the loser merges its patch into what the winner left, this often. */
const ATTEMPTS = 5;

/** Runs a read-merge-write until it does not lose against another writer. */
export async function untilWritten<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (tries >= ATTEMPTS) {
        throw new Conflict('INVALID_STATE', `Others keep changing ${what} at this moment.`, {
          cause: error,
          retryable: true,
          suggestion: 'Try again in a few seconds.',
        });
      }
    }
  }
}

/** What the patch leads to: a JSON merge patch (RFC 7396) on the part of a record that people edit. */
export function patched(editable: object, patch: JsonObject): unknown {
  // JSON has no undefined: through text, an absent field is absent.
  const document: Json = JSON.parse(JSON.stringify(editable));
  return mergePatch(document, patch);
}

/** @throws ValidationFailed where a patch changes what stays as it was created. */
export function refuseChange(field: string, before: unknown, after: unknown, why: string): void {
  if (before === after) return;
  throw new ValidationFailed([{ field, message: `cannot be changed: ${why}`, code: 'IMMUTABLE' }]);
}
