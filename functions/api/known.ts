import type { DeploymentRow } from '../../shared/domain/deployment-row.ts';
import type { Project } from '../../shared/domain/records.ts';
import { projectNotFound } from '../../shared/errors/not-found.ts';
import type { StoreContext } from '../../shared/store/context.ts';
import { recentSuccesses } from '../../shared/store/deployment-list.ts';
import { getProject } from '../../shared/store/projects.ts';
import { ReadCache } from '../../shared/store/read-cache.ts';

/** How old what is not read again may be (ms), and how much of it a process keeps. */
const KEPT_MS = 30_000;
const MOST = 500;
/** Successes that are looked through for ones like a deployment: other environments and strategies are among them. */
const LOOKED_THROUGH = 25;

/**
 * What routes that only read need to know beside what they show, at most 30 s old: which project a list is of, and how
 * long its deployments take. What people look at themselves is always read; so are tokens, and whatever a write rests on.
 */
export interface Known {
  /** @throws NotFound */
  project(store: StoreContext, id: string): Promise<Project>;
  /** The latest successful deployments of a project, newest first. */
  history(store: StoreContext, projectId: string): Promise<readonly DeploymentRow[]>;
}

export function known(): Known {
  const projects = new ReadCache<Project>({ most: MOST, keptMs: KEPT_MS });
  const histories = new ReadCache<readonly DeploymentRow[]>({ most: MOST, keptMs: KEPT_MS });
  return {
    project: async (store, id) => {
      const project = await projects.get(store.clock, id, () => getProject(store, id));
      if (project === undefined) throw projectNotFound(id);
      return project;
    },
    history: async (store, id) =>
      (await histories.get(store.clock, id, () => recentSuccesses(store, id, LOOKED_THROUGH))) ?? [],
  };
}
