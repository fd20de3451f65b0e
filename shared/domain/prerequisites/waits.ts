import type { ApprovalRule } from '../approvals.ts';
import type { Prerequisites, Result } from './result.ts';

/** What is frozen is held and released, never refused; here it is only said. */
export function notFrozen({ hold }: Prerequisites): Result {
  const name = 'freeze';
  if (hold === undefined) return { name, message: 'no freeze holds it' };
  const until = new Date(hold.until).toISOString();
  return { name, message: `held by a freeze until ${until}: ${hold.freeze.reason}` };
}

/** People are asked at the gate; here it is said how many. */
export function agreedTo({ environment, approval }: Prerequisites): Result {
  const name = 'approval';
  const { approvals: rule } = environment;
  if (rule === undefined) return { name, message: 'nobody has to approve it' };
  const given = approval?.given.length ?? 0;
  return {
    name,
    message: given === 0 ? needed(rule) : `${given} of ${rule.required} approvals were given`,
  };
}

function needed({ required, groups }: ApprovalRule): string {
  const whose = groups === undefined ? '' : ` of ${groups.join(', ')}`;
  return required === 1 ? `1 approval${whose} is needed` : `${required} approvals${whose} are needed`;
}
