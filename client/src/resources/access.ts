import type * as z from 'zod/mini';
import type { RunnerView, runnerRequest, TokenView, tokenRequest } from '../../../shared/contracts/tokens.ts';
import type { Result } from '../result.ts';
import {
  type CreatedRunner,
  type CreatedToken,
  createdRunnerView as newRunner,
  createdTokenView as newToken,
  runnerView,
  tokenView,
} from '../shapes/access.ts';
import type { CallOptions } from '../transport.ts';
import { type ListOf, type ListOptions, nothing, pageOf, Resource, segment } from './resource.ts';

export type { CreatedRunner, CreatedToken } from '../shapes/access.ts';

const tokenPage = pageOf<TokenView>(tokenView);
const runnerPage = pageOf<RunnerView>(runnerView);

export class Tokens extends Resource {
  /** The answer holds the token itself, this once. */
  create(body: z.input<typeof tokenRequest>, options: CallOptions = {}): Promise<Result<CreatedToken>> {
    return this.call({ method: 'POST', path: '/tokens', body, answer: newToken, ...options });
  }

  list({ signal, ...query }: ListOptions = {}): Promise<Result<ListOf<TokenView>>> {
    return this.call({ method: 'GET', path: '/tokens', query, answer: tokenPage, signal });
  }

  delete(id: string, options: CallOptions = {}): Promise<Result<void>> {
    return this.call({ method: 'DELETE', path: `/tokens/${segment(id)}`, answer: nothing, ...options });
  }
}

export class Runners extends Resource {
  /** The answer holds the runner's token, this once. */
  create(body: z.input<typeof runnerRequest>, options: CallOptions = {}): Promise<Result<CreatedRunner>> {
    return this.call({ method: 'POST', path: '/runners', body, answer: newRunner, ...options });
  }

  list({ signal, ...query }: ListOptions = {}): Promise<Result<ListOf<RunnerView>>> {
    return this.call({ method: 'GET', path: '/runners', query, answer: runnerPage, signal });
  }

  delete(id: string, options: CallOptions = {}): Promise<Result<void>> {
    return this.call({ method: 'DELETE', path: `/runners/${segment(id)}`, answer: nothing, ...options });
  }
}
