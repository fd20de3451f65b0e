import * as z from 'zod/mini';
import { parseGitRef } from '../domain/git-ref.ts';
import { parseSourceUrl, SOURCE_SCHEMES } from '../domain/source-url.ts';
import { InvalidGitRef, InvalidSourceUrl } from '../errors/source.ts';

/**
 * Address of a repository in a request: well formed, of any scheme that some runner may be allowed to use.
 * Whether this runner is, it decides itself (parseSourceUrl with its own list).
 */
export const sourceUrl = accepted((text) => parseSourceUrl(text, SOURCE_SCHEMES));

/** A branch, a tag or a full commit id, where the request does not say which. */
export const gitRef = accepted((text) => parseGitRef(text));
export const branchName = accepted((text) => parseGitRef(text, 'branch'));
export const tagName = accepted((text) => parseGitRef(text, 'tag'));
export const commitId = accepted((text) => parseGitRef(text, 'commit'));

/** A string that the parser takes; its typed refusal becomes the issue, in the same words. */
function accepted(parse: (text: string) => unknown) {
  return z.string().check((payload) => {
    try {
      parse(payload.value);
    } catch (error) {
      if (!(error instanceof InvalidSourceUrl || error instanceof InvalidGitRef)) throw error;
      const params = { reason: error.reason };
      payload.issues.push({ code: 'custom', message: error.message, input: payload.value, params });
    }
  });
}
