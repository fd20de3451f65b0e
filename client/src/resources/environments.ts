import type * as z from 'zod/mini';
import type {
  EnvironmentView,
  environmentRequest,
  SlotReleaseRequest,
} from '../../../shared/contracts/environments.ts';
import type { VariableView, variableRequest } from '../../../shared/contracts/variables.ts';
import type { Result } from '../result.ts';
import { variableView as variable, environmentView as view } from '../shapes/projects.ts';
import type { CallOptions } from '../transport.ts';
import { type DeleteOptions, type ListOf, nothing, pageOf, Resource, segment } from './resource.ts';

export type NewEnvironment = z.input<typeof environmentRequest>;
export type NewVariable = z.input<typeof variableRequest>;

const page = pageOf<EnvironmentView>(view);
const variables = pageOf<VariableView>(variable);

const pathOf = (projectId: string, name?: string) =>
  `/projects/${segment(projectId)}/environments${name === undefined ? '' : `/${segment(name)}`}`;

export class Environments extends Resource {
  create(
    projectId: string,
    body: NewEnvironment,
    options: CallOptions = {},
  ): Promise<Result<EnvironmentView>> {
    return this.call({ method: 'POST', path: pathOf(projectId), body, answer: view, ...options });
  }

  list(projectId: string, options: CallOptions = {}): Promise<Result<ListOf<EnvironmentView>>> {
    return this.call({ method: 'GET', path: pathOf(projectId), answer: page, ...options });
  }

  get(projectId: string, name: string, options: CallOptions = {}): Promise<Result<EnvironmentView>> {
    return this.call({ method: 'GET', path: pathOf(projectId, name), answer: view, ...options });
  }

  update(
    projectId: string,
    name: string,
    changes: Readonly<Record<string, unknown>>,
    options: CallOptions = {},
  ): Promise<Result<EnvironmentView>> {
    return this.call({
      method: 'PATCH',
      path: pathOf(projectId, name),
      body: changes,
      answer: view,
      ...options,
    });
  }

  delete(
    projectId: string,
    name: string,
    { leaveReleases, ...options }: DeleteOptions = {},
  ): Promise<Result<void>> {
    const query = { leaveReleases };
    return this.call({ method: 'DELETE', path: pathOf(projectId, name), query, answer: nothing, ...options });
  }

  /** Lifts the pin and the blocks that rollbacks left; nothing where there are none. */
  unpin(projectId: string, name: string, options: CallOptions = {}): Promise<Result<void>> {
    const path = `${pathOf(projectId, name)}/pin`;
    return this.call({ method: 'DELETE', path, answer: nothing, ...options });
  }

  /** Frees the slot of a deployment that has ended and whose target was not seen to come to rest. */
  releaseSlot(
    projectId: string,
    name: string,
    body: SlotReleaseRequest,
    options: CallOptions = {},
  ): Promise<Result<EnvironmentView>> {
    const path = `${pathOf(projectId, name)}/slot/release`;
    return this.call({ method: 'POST', path, body, answer: view, ...options });
  }

  variables(
    projectId: string,
    name: string,
    options: CallOptions = {},
  ): Promise<Result<ListOf<VariableView>>> {
    return this.call({
      method: 'GET',
      path: `${pathOf(projectId, name)}/variables`,
      answer: variables,
      ...options,
    });
  }

  setVariable(
    projectId: string,
    name: string,
    key: string,
    body: NewVariable,
    options: CallOptions = {},
  ): Promise<Result<VariableView>> {
    const path = `${pathOf(projectId, name)}/variables/${segment(key)}`;
    return this.call({ method: 'PUT', path, body, answer: variable, ...options });
  }

  deleteVariable(
    projectId: string,
    name: string,
    key: string,
    options: CallOptions = {},
  ): Promise<Result<void>> {
    const path = `${pathOf(projectId, name)}/variables/${segment(key)}`;
    return this.call({ method: 'DELETE', path, answer: nothing, ...options });
  }
}
