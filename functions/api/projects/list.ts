import * as z from 'zod/mini';
import { slug } from '../../../shared/contracts/ids.ts';
import { listOf, listQuery } from '../../../shared/contracts/list.ts';
import { projectRow } from '../../../shared/contracts/projects.ts';
import { type Actor, seesProject } from '../../../shared/domain/access.ts';
import type { Item } from '../../../shared/store/engine.ts';
import { findProject, listProjects, projectRows } from '../../../shared/store/projects.ts';
import { type ApiDeps, route } from '../deps.ts';
import { type ListRequest, type Position, pageReply, positionOf } from '../paging.ts';

export const getProjects = route({
  method: 'GET',
  path: '/v1/projects',
  summary: 'The projects that the token may see, newest first; `name` finds one.',
  auth: 'signed-in',
  query: z.strictObject({ ...listQuery, name: z.optional(slug) }),
  answer: { status: 200, schema: listOf(projectRow) },
  handle: async ({ query, actor, deps }) => {
    const { name } = query;
    const request: ListRequest = { store: deps.store, actor, list: 'projects', query, filters: { name } };
    const position = positionOf(request);
    if (name !== undefined) return pageReply(request, await named(deps, actor, name), undefined);
    const ids = grantedProjects(actor);
    if (ids !== undefined) {
      const { items, next } = pageOf(await projectRows(deps.store, ids, query.order), position);
      return pageReply(request, items, next);
    }
    const { items, next } = await listProjects(deps.store, position);
    return pageReply(request, items, next);
  },
});

/** The projects that the grants name; undefined where a grant covers all. */
function grantedProjects(actor: Actor): string[] | undefined {
  const ids = actor.grants.map((grant) => grant.projectId);
  const named = ids.filter((id) => id !== undefined);
  return named.length < ids.length ? undefined : [...new Set(named)];
}

async function named(deps: ApiDeps, actor: Actor, name: string) {
  const project = await findProject(deps.store, name);
  if (project === undefined || !seesProject(actor, project.id)) return [];
  return projectRows(deps.store, [project.id], 'asc');
}

/** A page of rows that are all at hand: a token names few projects. */
function pageOf<R extends { id: string }>(
  rows: readonly R[],
  { limit, after }: Position,
): { items: readonly R[]; next?: Item | undefined } {
  const start = after === undefined ? 0 : rows.findIndex((row) => row.id === after['id']) + 1;
  const items = rows.slice(start, start + limit);
  const last = items.at(-1);
  return start + limit < rows.length && last !== undefined ? { items, next: { id: last.id } } : { items };
}
