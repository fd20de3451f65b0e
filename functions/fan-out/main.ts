import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { fanOutEnv } from '../../shared/contracts/env.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { fanOutDeps } from './deps.ts';
import { handleMessages } from './handle.ts';

const deps = fanOutDeps(readEnv(fanOutEnv));

/** Posts to the viewers of what many watch, no faster than the account allows. */
export const handler = (event: SQSEvent, facts: Context): Promise<SQSBatchResponse> =>
  handleMessages(deps, event, facts);
