/**
 * What a Lambda of this kind is usually made of: middy, the three Powertools, the document client,
 * two more SDK clients and the whole of zod, as an ESM bundle. Only ever loaded, to be measured against.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import { z } from 'zod';

const logger = new Logger({ serviceName: 'conventional' });
const tracer = new Tracer({ serviceName: 'conventional' });
const metrics = new Metrics({ namespace: 'conventional' });
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const machines = new SFNClient({});
const schedules = new SchedulerClient({});
const body = z.object({ projectId: z.string(), environment: z.string(), message: z.string().optional() });

export const handler = middy(async (event: { body: string }) => {
  const item = body.parse(JSON.parse(event.body));
  await documents.send(new PutCommand({ TableName: 'records', Item: item }));
  await machines.send(new StartExecutionCommand({ stateMachineArn: 'machine' }));
  metrics.addMetric('started', 'Count', 1);
  return { statusCode: 202, schedules: schedules.config.apiVersion };
})
  .use(injectLambdaContext(logger))
  .use(captureLambdaHandler(tracer));
