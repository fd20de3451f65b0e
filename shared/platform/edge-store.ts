// Registers SigV4A with the SDK; the real key-value store takes nothing else.
import '@aws-sdk/signature-v4a';
import {
  CloudFrontKeyValueStoreClient,
  type CloudFrontKeyValueStoreClientConfig,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
import { awsEndpoint } from './env.ts';

/**
 * A client for CloudFront's key-value store. The service's own endpoint rules put the account in front of the
 * host and ask for SigV4A, which fits AWS only; where an endpoint is given (an emulator), the host stays as it
 * is and SigV4 is used.
 */
export function edgeStoreClient(
  options: Omit<CloudFrontKeyValueStoreClientConfig, 'endpoint'>,
  endpoint: string | undefined = awsEndpoint(),
): CloudFrontKeyValueStoreClient {
  if (endpoint === undefined) return new CloudFrontKeyValueStoreClient(options);
  const url = new URL(endpoint);
  return new CloudFrontKeyValueStoreClient({
    ...options,
    endpointProvider: () => ({ url }),
    httpAuthSchemeProvider: ({ region }) => [
      {
        schemeId: 'aws.auth#sigv4',
        signingProperties: { name: 'cloudfront-keyvaluestore', region },
        propertiesExtractor: (config, context) => ({ signingProperties: { config, context } }),
      },
    ],
  });
}
