import type { RefQuestion } from '../../../../shared/net/git-refs.ts';
import { outside } from '../outside.ts';

/** In place of the git protocol, which is tested where it is spoken. */
export const resolveRemoteRef = (question: RefQuestion) => outside.resolveRef(question);
