import { blockVerdict } from '../blocked.ts';
import type { Prerequisites, Result } from './result.ts';

export function versionUsable({ version }: Prerequisites): Result {
  const name = 'version';
  const message = 'the version can be deployed';
  if (version.source.type === 'git' || version.state === 'ready') return { name, message };
  const field = '/versionId';
  return version.state === 'pending'
    ? {
        name,
        message,
        issue: {
          field,
          code: 'VERSION_PENDING',
          message: 'the upload of the version is not complete',
          suggestion: 'PUT the zip, then POST .../complete; slipway deploy --dir does both.',
        },
      }
    : {
        name,
        message,
        issue: {
          field,
          code: 'VERSION_UNUSABLE',
          message: `the version was refused: ${version.problem ?? 'its artifact is not valid'}`,
          suggestion: 'Correct what was refused and upload it again as a new version.',
        },
      };
}

/** After a rollback nothing but a person puts back what was left. */
export function versionNotBlocked({ slot, attempt, project, environment }: Prerequisites): Result {
  const name = 'blocked';
  const { refused, warning } = blockVerdict(slot, attempt);
  if (refused === undefined) {
    return warning === undefined
      ? { name, message: 'the version is not blocked here' }
      : { name, message: `${warning}; a person started it all the same`, warning };
  }
  const place = `--project ${project.name} --env ${environment.name}`;
  return {
    name,
    message: refused,
    issue: {
      field: '/versionId',
      code: 'VERSION_BLOCKED',
      message: refused,
      suggestion: `Deploy a newer version, or lift the pin: slipway unpin ${place}.`,
    },
  };
}
