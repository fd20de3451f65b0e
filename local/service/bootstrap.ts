import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { bootstrapAnswer } from '../../shared/contracts/bootstrap.ts';
import { LOCAL_AWS } from '../emulator/settings.ts';
import { StartFailure } from '../failure.ts';

/** The first cold start of all happens here. */
const DEADLINE_MS = 30_000;

/** A new admin token, made the way `slipway login --stack` has one made: by invoking `bootstrap` through AWS. */
export async function makeAdminToken(endpoint: string, functionName: string): Promise<string> {
  const lambda = new LambdaClient({
    endpoint,
    region: LOCAL_AWS.region,
    credentials: { accessKeyId: LOCAL_AWS.accessKeyId, secretAccessKey: LOCAL_AWS.secretAccessKey },
    requestHandler: { requestTimeout: DEADLINE_MS, connectionTimeout: 2_000 },
  });
  const invoked = await lambda.send(new InvokeCommand({ FunctionName: functionName, Payload: '{}' }));
  const text = Buffer.from(invoked.Payload ?? []).toString();
  if (invoked.FunctionError !== undefined) {
    throw new StartFailure(`The bootstrap function failed and gave no admin token: ${text.slice(0, 300)}`);
  }
  return bootstrapAnswer.parse(JSON.parse(text)).token;
}
