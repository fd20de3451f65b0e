import { MAX_LINE_BYTES } from '../../shared/contracts/job-posts.ts';
import { beats } from './beats.ts';
import { lines } from './lines.ts';
import { result } from './result.ts';

export const ingestRoutes = [lines, beats, result] as const;

/** A batch is at most 256 KB, unless one line alone is longer: 64 KB of control characters are 384 KB of JSON. */
export const MAX_POST_BODY_BYTES = 6 * MAX_LINE_BYTES + 64 * 1024;
