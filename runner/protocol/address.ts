import { runnerAddress } from '../../shared/contracts/jobs.ts';
import { callService, type ServiceCall } from './call.ts';
import { misunderstood, refusalOf } from './refusals.ts';

/**
 * Where the service tells agents of jobs.
 * @throws Unauthenticated, PermissionDenied; Unanswered; InternalError for an answer that this runner does not understand
 */
export async function socketAddress(call: Omit<ServiceCall, 'path' | 'body'>): Promise<string> {
  const answer = await callService({ ...call, path: '/runner/address' });
  if (answer.status !== 200) throw refusalOf(answer, 'the question for its socket');
  const parsed = runnerAddress.safeParse(answer.body);
  if (parsed.success) return parsed.data.websocketUrl;
  throw misunderstood('the question for its socket', 'something else than an address');
}
