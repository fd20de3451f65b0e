import * as z from 'zod/mini';
import { InternalError, PermissionDenied, Unauthenticated } from '../../shared/errors/requests.ts';
import type { Answer } from './call.ts';

/** The service does not let this runner's token in: a repetition cures nothing, so whoever runs the agent is told. */
export const isRefusal = (error: unknown): error is Unauthenticated | PermissionDenied =>
  error instanceof Unauthenticated || error instanceof PermissionDenied;

const explained = z.object({ detail: z.string() });

/** The error that an answer other than the expected one stands for. */
export function refusalOf({ status, body }: Answer, to: string): Error {
  switch (status) {
    case 401:
      return new Unauthenticated(
        'The service does not know this runner’s token: it was deleted, has expired, or is of another service.',
        {
          suggestion:
            'Register a runner (slipway runner create <name>) and start the agent with the token that it shows.',
        },
      );
    case 403: {
      const why = explained.safeParse(body);
      return new PermissionDenied(
        `The token of this runner may not claim jobs${why.success ? `: ${why.data.detail}` : '.'}`,
        { suggestion: 'Start the agent with a runner token, and with its --label or none.' },
      );
    }
    default:
      return misunderstood(to, `status ${status}`);
  }
}

export const misunderstood = (to: string, what: string): InternalError =>
  new InternalError(`The service answered ${to} with ${what}.`, {
    suggestion: 'Update the runner to the version of the service.',
  });
