import { RemovalPolicy } from 'aws-cdk-lib';
import * as apigw from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { explain } from '../nag.ts';

export const SOCKETS_STAGE = 'live';

/** The API itself; its address is part of the functions' environment, so it comes before them. */
export function socketsApi(scope: Construct): apigw.WebSocketApi {
  const sockets = new apigw.WebSocketApi(scope, 'Sockets', {
    description: 'Slipway progress and logs, live',
  });
  const accessLog = new logs.LogGroup(scope, 'SocketsAccess', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new apigw.WebSocketStage(scope, 'SocketsStage', {
    webSocketApi: sockets,
    stageName: SOCKETS_STAGE,
    autoDeploy: true,
    throttle: { rateLimit: 500, burstLimit: 1000 },
    accessLogSettings: { destination: new apigw.LogGroupLogDestination(accessLog) },
  });
  return sockets;
}

/** Sends every frame to the one realtime function. */
export function answerSockets(sockets: apigw.WebSocketApi, realtime: IFunction): void {
  for (const [key, name] of [
    ['$connect', 'Connect'],
    ['$disconnect', 'Disconnect'],
    ['$default', 'Default'],
  ] as const) {
    new apigw.WebSocketRoute(sockets, `${name}Route`, {
      webSocketApi: sockets,
      routeKey: key,
      integration: new WebSocketLambdaIntegration(`${name}Call`, realtime),
    });
  }
  explain(
    sockets,
    'The connect handler verifies a one-use ticket or the bearer token, and the Origin.',
    'APIG4',
  );
}
