import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LOCAL_AWS } from '../../../../local/emulator/settings.ts';

const { accessKeyId, secretAccessKey, region } = LOCAL_AWS;

/** DynamoDB at an address of this machine, which asks for credentials and looks at none. */
export const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
