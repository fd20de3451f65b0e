import { type FreezeRequest, freezeRequest, freezeView } from '../../../shared/contracts/freezes.ts';
import { type Freeze, nextStretch } from '../../../shared/domain/freezes.ts';
import { projectNotFound } from '../../../shared/errors/not-found.ts';
import { Conflict, ValidationFailed } from '../../../shared/errors/requests.ts';
import { isoTime } from '../../../shared/platform/clock.ts';
import { transact } from '../../../shared/store/engine.ts';
import { allFreezesNow, createFreeze, MAX_FREEZES } from '../../../shared/store/freezes.ts';
import { projectStands } from '../../../shared/store/projects.ts';
import { requireRole } from '../../http/auth.ts';
import { asFirstAnswer, created } from '../../http/reply.ts';
import { route } from '../deps.ts';
import { viewOfFreeze } from './view.ts';

export const postFreeze = route({
  method: 'POST',
  path: '/v1/freezes',
  summary: 'Hold what is due while the freeze lasts, once or again by a rule; nothing fails because of it.',
  auth: 'signed-in',
  body: freezeRequest,
  answer: { status: 201, schema: freezeView },
  problems: ['PERMISSION_DENIED', 'PROJECT_NOT_FOUND', 'INVALID_STATE'],
  handle: async ({ body, actor, deps: { store }, idempotency, log }) => {
    const { projectId } = body.scope;
    requireRole(actor, 'admin', { projectId }, projectNotFound(projectId ?? ''));
    const now = store.clock.now();
    const id = `frz_${store.random.ulid(now)}`;
    const freeze: Freeze = { id, ...body, createdAt: isoTime(now), createdBy: actor.subject };
    await requireToComeTrue(freeze, body, now);
    if ((await allFreezesNow(store)).length >= MAX_FREEZES) throw tooMany();
    const reply = created(await viewOfFreeze(freeze, now), `/v1/freezes/${id}`);
    await transact(store, [
      createFreeze(freeze),
      ...(projectId === undefined ? [] : [projectStands(projectId)]),
      ...(idempotency === undefined ? [] : [idempotency.write(asFirstAnswer(reply), id)]),
    ]);
    log.info('Freeze created', { freezeId: id });
    return reply;
  },
});

/** A freeze that never holds is a mistake that nobody would notice before it matters. */
async function requireToComeTrue(freeze: Freeze, { rrule }: FreezeRequest, now: number): Promise<void> {
  const field = rrule === undefined ? '/to' : '/rrule';
  let next: Awaited<ReturnType<typeof nextStretch>>;
  try {
    next = await nextStretch(freeze, now);
  } catch (error) {
    // Only the rule can be what the library refuses: everything else was parsed before.
    const said = error instanceof Error ? error.message : 'it cannot be read';
    throw new ValidationFailed(
      [{ field, code: 'INVALID_RRULE', message: `is no rule that can be used: ${said}` }],
      {
        cause: error,
      },
    );
  }
  if (next === undefined) {
    throw new ValidationFailed([
      { field, code: 'NEVER', message: 'leaves no time in which the freeze would hold' },
    ]);
  }
}

const tooMany = () =>
  new Conflict('INVALID_STATE', `There are ${MAX_FREEZES} freezes already.`, {
    suggestion: 'Delete those that are over, or say with a rule what comes again.',
  });
