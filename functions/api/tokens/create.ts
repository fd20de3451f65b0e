import { createdToken, SECRET_OMITTED, tokenRequest } from '../../../shared/contracts/tokens.ts';
import { type Actor, type Grant, may } from '../../../shared/domain/access.ts';
import { PermissionDenied } from '../../../shared/errors/requests.ts';
import { transact } from '../../../shared/store/engine.ts';
import { newToken } from '../../../shared/store/tokens.ts';
import { asFirstAnswer, created } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { expiryOf } from './expiry.ts';

export const postToken = route({
  method: 'POST',
  path: '/v1/tokens',
  summary: 'Make a token. Its secret is in the first answer and nowhere else.',
  auth: 'signed-in',
  body: tokenRequest,
  answer: { status: 201, schema: createdToken },
  problems: ['PERMISSION_DENIED'],
  handle: async ({ body, actor, deps, idempotency, log }) => {
    const everywhere = may(actor, 'admin');
    for (const grant of body.grants) requireAdminOver(actor, grant);
    if (!everywhere && (body.groups.length > 0 || (body.subject ?? actor.subject) !== actor.subject)) {
      throw new PermissionDenied('Only an admin of everything names subjects and groups.', {
        suggestion: 'Leave out `subject` and `groups`, or ask such an admin.',
      });
    }
    const expiresAt = expiryOf(actor, deps.store.clock.now(), body.expiresInSeconds);
    const { token, secret, write } = newToken(deps.store, {
      kind: 'api',
      name: body.name,
      subject: body.subject ?? actor.subject,
      grants: body.grants,
      groups: body.groups,
      createdBy: actor.subject,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
    const path = `/v1/tokens/${token.id}`;
    const kept = asFirstAnswer(created({ ...token, notice: SECRET_OMITTED }, path));
    await transact(deps.store, [
      write,
      ...(idempotency === undefined ? [] : [idempotency.write(kept, token.id)]),
    ]);
    log.info('Token created', { tokenId: token.id, subject: token.subject });
    return created({ ...token, token: secret }, path);
  },
});

/** Where a grant counts, without what it leaves open. */
export const placeOf = ({ projectId, environment }: Omit<Grant, 'role'>) => ({
  ...(projectId === undefined ? {} : { projectId }),
  ...(environment === undefined ? {} : { environment }),
});

/** Nobody hands out what they are not an admin of. */
function requireAdminOver(actor: Actor, { projectId, environment }: Grant): void {
  if (may(actor, 'admin', placeOf({ projectId, environment }))) return;
  throw new PermissionDenied('A grant covers more than you are an admin of.', {
    suggestion: 'Name projects and environments that you administer.',
    facts: { projectId, environment },
  });
}
