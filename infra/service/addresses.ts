import { Stack } from 'aws-cdk-lib';
import type { HttpApi, WebSocketApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Settings } from '../settings.ts';
import { SOCKETS_STAGE } from './sockets-api.ts';

type Base = Settings['executeApiBase'];

const host = (scope: Stack, apiId: string) => `${apiId}.execute-api.${scope.region}.${scope.urlSuffix}`;

/** Where the HTTPS API answers; no trailing slash. */
export const apiUrl = (api: HttpApi, base: Base) =>
  base === undefined ? `https://${host(Stack.of(api), api.apiId)}` : `${base}/${api.apiId}`;

/** Where sockets are opened. */
export const websocketUrl = (api: WebSocketApi, base: Base) =>
  base === undefined
    ? `wss://${host(Stack.of(api), api.apiId)}/${SOCKETS_STAGE}`
    : `${base.replace(/^http/, 'ws')}/${api.apiId}/${SOCKETS_STAGE}`;

/** Where functions post to open sockets. */
export const socketsEndpoint = (api: WebSocketApi, base: Base) =>
  base === undefined
    ? `https://${host(Stack.of(api), api.apiId)}/${SOCKETS_STAGE}`
    : `${base}/${api.apiId}/${SOCKETS_STAGE}`;
