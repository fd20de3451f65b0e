import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';

const FOLDER = join(import.meta.dirname, '..', 'edge');

/** The functions of infra/edge, which the edge server of `npm start` runs from the same files. */
export function viewerFunctions(scope: Construct, store: cloudfront.IKeyValueStore) {
  const make = (id: string, file: string, comment: string, keyValueStore?: cloudfront.IKeyValueStore) =>
    new cloudfront.Function(scope, id, {
      code: cloudfront.FunctionCode.fromFile({ filePath: join(FOLDER, file) }),
      runtime: cloudfront.FunctionRuntime.JS_2_0,
      comment,
      ...(keyValueStore === undefined ? {} : { keyValueStore }),
    });
  return {
    viewerRequest: make('ViewerRequest', 'viewer-request.js', 'Slipway: address to release', store),
    viewerResponse: make(
      'ViewerResponse',
      'viewer-response.js',
      'Slipway: shows which release answered',
      store,
    ),
  };
}

/**
 * Every key behind the viewer function belongs to one release and never changes, so the CDN keeps even pages for
 * a day whatever their header tells the browser; a switch changes the keys that are asked for.
 */
export function cachePolicy(scope: Construct, installation: string): cloudfront.CachePolicy {
  return new cloudfront.CachePolicy(scope, 'CachePolicy', {
    comment: `${installation}: releases never change`,
    minTtl: Duration.days(1),
    defaultTtl: Duration.days(1),
    maxTtl: Duration.days(365),
    enableAcceptEncodingBrotli: true,
    enableAcceptEncodingGzip: true,
    cookieBehavior: cloudfront.CacheCookieBehavior.none(),
    headerBehavior: cloudfront.CacheHeaderBehavior.none(),
    queryStringBehavior: cloudfront.CacheQueryStringBehavior.none(),
  });
}
