import { SlipwayError } from '../../errors/base.ts';
import { StageFailed } from '../../errors/deployments.ts';

const NO_PERMISSION = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'UnauthorizedException',
]);
const WRONG_SETTING = new Set([
  'NoSuchBucket',
  'PermanentRedirect',
  'InvalidAccessKeyId',
  'ResourceNotFoundException',
]);

/**
 * The known failure behind an AWS client's error, or undefined where trying again may help.
 * SDK errors carry the service's code in `name`; that is what they are told apart by.
 */
export function refusalOf(error: unknown): SlipwayError | undefined {
  if (error instanceof SlipwayError) return error;
  const name = error instanceof Error ? error.name : '';
  if (NO_PERMISSION.has(name)) {
    return new StageFailed('INSUFFICIENT_PERMISSIONS', 'AWS refused a call for the site.', {
      cause: error,
      fault: 'service',
      suggestion: 'Give the role of the targets function access to the sites bucket and its key-value store.',
    });
  }
  if (WRONG_SETTING.has(name)) {
    return new StageFailed('INVALID_CONFIG', 'The bucket or key-value store for sites is not there.', {
      cause: error,
      fault: 'service',
      suggestion: 'Deploy the site hosting stack again, then retry.',
    });
  }
  return undefined;
}

/** What a failed call on the sites bucket means for the release. */
export function uploadFailure(error: unknown, what: string): SlipwayError {
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refusal;
  return new StageFailed('UPLOAD_FAILED', `${what} could not be stored.`, {
    cause: error,
    fault: 'platform',
    retryable: true,
    suggestion: 'Start the deployment again; files that are there already are not sent twice.',
  });
}
