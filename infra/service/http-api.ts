import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as apigw from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { explain } from '../nag.ts';

/** Requests a second (and in a burst) that the whole API takes; runners post a few a second each. */
const THROTTLE = { rateLimit: 500, burstLimit: 1000 };

export interface Backends {
  readonly api: IFunction;
  readonly jobs: IFunction;
  readonly ingest: IFunction;
  readonly waiting: IFunction;
}

/** What pages may send and read beyond what every page may (names in lower case, as they are compared). */
const SENT = [
  'accept',
  'authorization',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'last-event-id',
  'x-correlation-id',
];
const READ = [
  'etag',
  'idempotency-replayed',
  'location',
  'retry-after',
  'slipway-next-cursor',
  'slipway-previous-cursor',
  'x-correlation-id',
];
/** How long a browser remembers what it may send. */
const REMEMBERED = Duration.hours(1);

/**
 * The public HTTPS API; its address is part of the functions' environment, so it comes before them. Pages of these
 * origins may use it, with a token that they were given: no cookie of anybody's goes along.
 */
export function newHttpApi(scope: Construct, allowedOrigins: readonly string[]): apigw.HttpApi {
  const http = new apigw.HttpApi(scope, 'Http', {
    description: 'Slipway HTTPS API',
    createDefaultStage: false,
    ...(allowedOrigins.length === 0 ? {} : { corsPreflight: corsFor(allowedOrigins) }),
  });
  const accessLog = new logs.LogGroup(scope, 'HttpAccess', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new apigw.HttpStage(scope, 'HttpStage', {
    httpApi: http,
    stageName: '$default',
    autoDeploy: true,
    throttle: THROTTLE,
    accessLogSettings: { destination: new apigw.LogGroupLogDestination(accessLog) },
  });
  return http;
}

function corsFor(allowedOrigins: readonly string[]): apigw.CorsPreflightOptions {
  const { GET, POST, PUT, PATCH, DELETE } = apigw.CorsHttpMethod;
  return {
    allowOrigins: [...allowedOrigins],
    allowMethods: [GET, POST, PUT, PATCH, DELETE],
    allowHeaders: SENT,
    exposeHeaders: READ,
    maxAge: REMEMBERED,
  };
}

/** Which function answers what. Tokens are checked by the functions: a 401 is a problem document too. */
export function httpRoutes(http: apigw.HttpApi, { api, jobs, ingest, waiting }: Backends): void {
  const route = (path: string, method: apigw.HttpMethod, name: string, fn: IFunction) =>
    http.addRoutes({ path, methods: [method], integration: new HttpLambdaIntegration(name, fn) });
  const { ANY, POST, GET } = apigw.HttpMethod;
  route('/{proxy+}', ANY, 'Api', api);
  // Where `api` sends what wants to wait (docs/decisions/waiting.md).
  route('/v1/waiting/{proxy+}', GET, 'Waiting', waiting);
  route('/v1/deployments/{deploymentId}/events', GET, 'Events', waiting);
  route('/v1/runner/claims', POST, 'Claims', jobs);
  route('/v1/runner/program', GET, 'Program', jobs);
  route('/v1/runner/address', GET, 'Address', jobs);
  // The one post of a job that hands out the right to write an object.
  route('/v1/jobs/{jobKey}/artifact', POST, 'Artifact', jobs);
  route('/v1/jobs/{jobKey}/{proxy+}', POST, 'Ingest', ingest);
  explain(
    http,
    'Every function verifies the bearer token itself, so that what may not be seen answers like what is not there.',
    'APIG4',
  );
}
