import { createdRunner, runnerRequest, SECRET_OMITTED } from '../../../shared/contracts/tokens.ts';
import type { Grant } from '../../../shared/domain/access.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { transact } from '../../../shared/store/engine.ts';
import { createRunner, type Runner } from '../../../shared/store/runners.ts';
import { newToken } from '../../../shared/store/tokens.ts';
import { asFirstAnswer, created } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { expiryOf } from '../tokens/expiry.ts';

export const postRunner = route({
  method: 'POST',
  path: '/v1/runners',
  summary:
    'Register a runner. Its token, which can only claim and report, is in the first answer and nowhere else.',
  auth: { role: 'admin' },
  body: runnerRequest,
  answer: { status: 201, schema: createdRunner },
  handle: async ({ body, actor, deps, idempotency, log }) => {
    const { store } = deps;
    const now = store.clock.now();
    const expiresAt = expiryOf(actor, now, body.expiresInSeconds);
    const id = `run_${store.random.ulid(now)}`;
    const { token, secret, write } = newToken(store, {
      kind: 'runner',
      name: body.name,
      subject: `runner:${id}`,
      grants: grantsOf(body.serves),
      groups: [],
      createdBy: actor.subject,
      runner: { id, ...(body.label === undefined ? {} : { label: body.label }) },
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
    const { name, label, serves } = body;
    const createdAt = isoTime(now);
    const runner: Runner = {
      id,
      name,
      label,
      serves,
      tokenId: token.id,
      createdAt,
      createdBy: actor.subject,
    };
    const path = `/v1/runners/${id}`;
    const kept = asFirstAnswer(created({ ...runner, notice: SECRET_OMITTED }, path));
    await transact(store, [
      createRunner(runner),
      write,
      ...(idempotency === undefined ? [] : [idempotency.write(kept, id)]),
    ]);
    log.info('Runner created', { runnerId: id, tokenId: token.id });
    return created({ ...runner, token: secret }, path);
  },
});

/** What a claim checks; the role is the least there is, since a runner token opens no other route anyway. */
function grantsOf(serves: Runner['serves']): Grant[] {
  if (serves === undefined) return [{ role: 'viewer' }];
  return serves.map((place) => ({ role: 'viewer', ...place }));
}
