import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { answerMiss, type MissStore } from '../../shared/targets/site/miss.ts';

/** From a function URL's event to its answer. An error goes through: Lambda answers 502, which nobody caches long. */
export async function handleMiss(
  event: Pick<LambdaFunctionURLEvent, 'rawPath'>,
  store: MissStore,
): Promise<LambdaFunctionURLResult> {
  const { status, headers, body } = await answerMiss(event.rawPath, store);
  return {
    statusCode: status,
    headers: { ...headers },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  };
}
