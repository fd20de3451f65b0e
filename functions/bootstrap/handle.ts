import { type BootstrapAnswer, bootstrapRequest } from '../../shared/contracts/bootstrap.ts';
import type { Log } from '../../shared/platform/logger.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { transact } from '../../shared/store/engine.ts';
import { newToken } from '../../shared/store/tokens.ts';

const SUBJECT = 'admin';

/**
 * Makes a token with the role admin for everything: the first one, and another where it was lost. There is no
 * route to here; who may invoke the function (IAM decides) is an admin. Every use leaves a line in the log.
 */
export async function bootstrap(store: StoreContext, log: Log, event: unknown): Promise<BootstrapAnswer> {
  const request = bootstrapRequest.parse(event ?? {});
  const subject = request.subject ?? SUBJECT;
  const { token, secret, write } = newToken(store, {
    kind: 'api',
    name: request.name ?? 'bootstrap',
    subject,
    grants: [{ role: 'admin' }],
    groups: [],
    createdBy: 'bootstrap',
  });
  await transact(store, [write]);
  log.warn('An admin token was made by invoking bootstrap', { tokenId: token.id, subject, audit: true });
  return { token: secret, id: token.id, subject };
}
