import type { JobResult } from '../../shared/contracts/job-results.ts';
import { maskKnownTokens } from '../../shared/masking/known-tokens.ts';
import { startsInsideKey } from '../../shared/masking/private-keys.ts';

/** What a private key that began before the text may hide of it: all of it, whatever its length. */
const WHOLE = Number.MAX_SAFE_INTEGER;

/**
 * The result as the record, the events and the status may show it. A failure quotes the last lines of its output, and
 * those hold what nobody declared: it is masked by its form, as the same lines in the log are.
 * @param isKeyOpen the log ends inside a private key
 */
export function maskedResult(result: JobResult, isKeyOpen: boolean): JobResult {
  if (result.outcome !== 'failed') return result;
  const { message, suggestion } = result.failure;
  const failure = {
    ...result.failure,
    message: maskedText(message, isKeyOpen),
    suggestion: maskedText(suggestion, false),
  };
  return { ...result, failure };
}

function maskedText(text: string, isKeyOpen: boolean): string {
  // The first line are the runner's own words; what it quotes comes below.
  const [words = '', ...quoted] = text.split('\n');
  const inside = startsInsideKey(quoted, isKeyOpen);
  const lines = maskKnownTokens(quoted, inside ? WHOLE : 0).lines;
  return [...maskKnownTokens([words]).lines, ...lines].join('\n');
}
