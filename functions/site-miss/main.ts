import { S3Client } from '@aws-sdk/client-s3';
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { siteMissEnv } from '../../shared/contracts/env.ts';
import { clientOptions } from '../../shared/platform/aws.ts';
import { readEnv } from '../../shared/platform/env.ts';
import { missStore } from '../../shared/targets/site/miss-store.ts';
import { handleMiss } from './handle.ts';

const store = missStore(new S3Client(clientOptions()), readEnv(siteMissEnv).SITES_BUCKET);

/** Behind CloudFront's origin failover: asked for what the sites bucket does not have. */
export const handler = (event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> =>
  handleMiss(event, store);
