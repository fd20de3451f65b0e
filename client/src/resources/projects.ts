import type * as z from 'zod/mini';
import type { ProjectRow, ProjectView, projectRequest } from '../../../shared/contracts/projects.ts';
import { projectStatuses } from '../realtime/status-feed.ts';
import { type WatchOptions, watch } from '../realtime/watch.ts';
import type { Result } from '../result.ts';
import type { StatusUpdate } from '../shapes/frames.ts';
import { projectRow, projectView as view } from '../shapes/projects.ts';
import type { CallOptions } from '../transport.ts';
import {
  type DeleteOptions,
  type ListOf,
  type ListOptions,
  nothing,
  pageOf,
  Resource,
  segment,
} from './resource.ts';

export type NewProject = z.input<typeof projectRequest>;

const page = pageOf<ProjectRow>(projectRow);

export class Projects extends Resource {
  create(project: NewProject, options: CallOptions = {}): Promise<Result<ProjectView>> {
    return this.call({ method: 'POST', path: '/projects', body: project, answer: view, ...options });
  }

  list({ signal, ...query }: ListOptions = {}): Promise<Result<ListOf<ProjectRow>>> {
    return this.call({ method: 'GET', path: '/projects', query, answer: page, signal });
  }

  get(id: string, options: CallOptions = {}): Promise<Result<ProjectView>> {
    return this.call({ method: 'GET', path: `/projects/${segment(id)}`, answer: view, ...options });
  }

  /** The project of that name, looked for page by page. */
  async named(name: string, options: CallOptions = {}): Promise<Result<ProjectRow | undefined>> {
    for (let cursor: string | undefined; ; ) {
      const answer = await this.list({ limit: 100, order: 'asc', cursor, ...options });
      if (!answer.ok) return answer;
      const found = answer.value.items.find((project) => project.name === name);
      cursor = answer.value.nextCursor;
      if (found !== undefined || cursor === undefined) return { ok: true, value: found };
    }
  }

  /**
   * Calls back with the status of each deployment of the project that changes, those that run already first. The answer
   * ends it; by itself it never ends, only where the service refuses or stays out of reach.
   */
  watch(id: string, onStatus: (status: StatusUpdate) => void, options: WatchOptions = {}): () => void {
    return watch((signal) => projectStatuses(this.transport, id, { signal }), onStatus, options);
  }

  /** RFC 7396: members that are null go, the others replace what is there. */
  update(
    id: string,
    changes: Readonly<Record<string, unknown>>,
    options: CallOptions = {},
  ): Promise<Result<ProjectView>> {
    return this.call({
      method: 'PATCH',
      path: `/projects/${segment(id)}`,
      body: changes,
      answer: view,
      ...options,
    });
  }

  delete(id: string, { leaveReleases, ...options }: DeleteOptions = {}): Promise<Result<void>> {
    const query = { leaveReleases };
    return this.call({
      method: 'DELETE',
      path: `/projects/${segment(id)}`,
      query,
      answer: nothing,
      ...options,
    });
  }
}
