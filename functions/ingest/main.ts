import { ingestEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { httpHandler } from '../http/handler.ts';
import { ingestDeps } from './deps.ts';
import { ingestRoutes, MAX_POST_BODY_BYTES } from './routes.ts';

/** What runners report: lines, signs of life and results. Carries more requests than everything else together. */
export const handler = httpHandler(ingestRoutes, ingestDeps(readEnv(ingestEnv)), {
  maxBodyBytes: MAX_POST_BODY_BYTES,
  quiet: true,
});
