import type * as z from 'zod/mini';
import type { FreezeView, freezeRequest } from '../../../shared/contracts/freezes.ts';
import type { Result } from '../result.ts';
import { type FreezeOverridden, freezeOverridden, freezeView as oneFreeze } from '../shapes/plans.ts';
import type { CallOptions } from '../transport.ts';
import { type ListOf, type ListOptions, nothing, pageOf, Resource, segment } from './resource.ts';

export type { FreezeOverridden } from '../shapes/plans.ts';
export type NewFreeze = z.input<typeof freezeRequest>;

const freezePage = pageOf<FreezeView>(oneFreeze);

export class Freezes extends Resource {
  /** Holds what is due from `from` to `to`, and again by a rule where one is given. */
  create(body: NewFreeze, options: CallOptions = {}): Promise<Result<FreezeView>> {
    return this.call({ method: 'POST', path: '/freezes', body, answer: oneFreeze, ...options });
  }

  list({ signal, ...query }: ListOptions = {}): Promise<Result<ListOf<FreezeView>>> {
    return this.call({ method: 'GET', path: '/freezes', query, answer: freezePage, signal });
  }

  /** What it held goes on in order. */
  delete(id: string, options: CallOptions = {}): Promise<Result<void>> {
    return this.call({ method: 'DELETE', path: `/freezes/${segment(id)}`, answer: nothing, ...options });
  }

  /** Lets one deployment pass in spite of it. */
  override(
    id: string,
    body: { readonly deploymentId: string; readonly reason: string },
    options: CallOptions = {},
  ): Promise<Result<FreezeOverridden>> {
    const path = `/freezes/${segment(id)}/override`;
    return this.call({ method: 'POST', path, body, answer: freezeOverridden, ...options });
  }
}
