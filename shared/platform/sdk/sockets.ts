// Named, so that the rest is left out: of a package that is itself imported at first use a bundle keeps everything.
export {
  ApiGatewayManagementApiClient,
  GoneException,
  LimitExceededException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
