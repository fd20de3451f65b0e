import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod/mini';
import { apiRoutes } from '../../functions/api/routes.ts';
import { ingestRoutes } from '../../functions/ingest/routes.ts';
import { jobRoutes } from '../../functions/jobs/routes.ts';
import { routes as waitingRoutes } from '../../functions/waiting/routes.ts';
import * as approvals from '../../shared/contracts/approvals.ts';
import * as cancel from '../../shared/contracts/cancel.ts';
import * as deploymentLists from '../../shared/contracts/deployment-lists.ts';
import * as deploymentParts from '../../shared/contracts/deployment-parts.ts';
import * as deploymentRequests from '../../shared/contracts/deployment-requests.ts';
import * as deploymentResults from '../../shared/contracts/deployment-result.ts';
import * as deploymentStatus from '../../shared/contracts/deployment-status.ts';
import * as deployments from '../../shared/contracts/deployments.ts';
import * as environments from '../../shared/contracts/environments.ts';
import * as freezes from '../../shared/contracts/freezes.ts';
import * as hooks from '../../shared/contracts/hooks.ts';
import * as jobPosts from '../../shared/contracts/job-posts.ts';
import * as jobResults from '../../shared/contracts/job-results.ts';
import * as jobs from '../../shared/contracts/jobs.ts';
import { listOf } from '../../shared/contracts/list.ts';
import * as logs from '../../shared/contracts/logs.ts';
import * as problems from '../../shared/contracts/problem.ts';
import * as projects from '../../shared/contracts/projects.ts';
import * as realtime from '../../shared/contracts/realtime.ts';
import * as rollback from '../../shared/contracts/rollback.ts';
import * as schedules from '../../shared/contracts/schedules.ts';
import * as tickets from '../../shared/contracts/tickets.ts';
import * as tokens from '../../shared/contracts/tokens.ts';
import * as variables from '../../shared/contracts/variables.ts';
import * as versions from '../../shared/contracts/versions.ts';
import { pages, ROOT, rowsOf } from './pages.ts';

const contracts: Readonly<Record<string, unknown>> = {
  ...approvals,
  ...cancel,
  ...deploymentLists,
  ...deploymentParts,
  ...deploymentRequests,
  ...deploymentResults,
  ...deploymentStatus,
  ...deployments,
  ...environments,
  ...freezes,
  ...hooks,
  ...jobPosts,
  ...jobResults,
  ...jobs,
  ...logs,
  ...problems,
  ...projects,
  ...schedules,
  ...realtime,
  ...rollback,
  ...tickets,
  ...tokens,
  ...variables,
  ...versions,
};
const isSchema = (value: unknown): value is z.ZodMiniType =>
  typeof value === 'object' && value !== null && 'safeParse' in value;

/** The schema of that name; `listOf(x)` is the list of it. */
function schemaNamed(name: string): z.ZodMiniType {
  const [, element] = /^listOf\((\w+)\)$/.exec(name) ?? [];
  if (element !== undefined) return listOf(schemaNamed(element));
  const found = contracts[name];
  if (!isSchema(found)) throw new Error(`No contract is called ${name}.`);
  return found;
}

/** JSON blocks of a page whose mark is one word, the name of their schema. Two words: somebody else's test. */
function examples(page: string): readonly [page: string, schema: string, text: string][] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```json (\S+)\n(.*?)^```$/gms)].map(([, schema = '', json = '']) => [
    page,
    schema,
    json,
  ]);
}
const marked = pages()
  .filter((page) => !page.startsWith('docs/targets/'))
  .flatMap(examples);

const page = readFileSync(join(ROOT, 'docs/api/README.md'), 'utf8');
interface Route {
  readonly method: string;
  readonly path: string;
  readonly query?: z.ZodMiniType | undefined;
  readonly body?: z.ZodMiniType | undefined;
}
const routes: readonly Route[] = [...apiRoutes, ...jobRoutes, ...ingestRoutes, ...waitingRoutes];

interface Request {
  readonly method: string;
  readonly path: readonly string[];
  readonly query: Record<string, string>;
  readonly body: unknown;
}

/** Every request that the page sends with curl, in the order of the page. */
function requests(): readonly Request[] {
  const shell = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text).join('\n');
  const commands = shell.replaceAll('\\\n', ' ').matchAll(/^(?:slip|curl) (.*?)"\$API(\/[^"]*)"/gms);
  return [...commands].map(([, options = '', target = '']) => {
    const [path = '', query = ''] = target.split('?');
    const [, json] = /--json '(.*?)'/s.exec(options) ?? [];
    const [, method = json === undefined ? 'GET' : 'POST'] = /-X ([A-Z]+)/.exec(options) ?? [];
    return {
      method,
      path: `/v1${path}`.split('/'),
      query: Object.fromEntries(
        new URLSearchParams(query.replace('$PROJECT', 'prj_01JC3Z8M6T0000000000000000')),
      ),
      body: json === undefined ? undefined : JSON.parse(json),
    };
  });
}

function routeFor({ method, path }: Request) {
  const fits = (template: string) => {
    const parts = template.split('/');
    const same = (part: string, i: number) => part === path[i] || part.startsWith('{');
    return parts.length === path.length && parts.every(same);
  };
  const found = routes.filter((route) => route.method === method && fits(route.path));
  // A fixed segment wins over a parameter, as in the router.
  return found.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

describe('the JSON examples of the documentation', () => {
  test('are marked with the schemas they follow', () => {
    expect(marked.length).toBeGreaterThan(9);
  });

  test.each(marked)('%s: %s', (_page, name, text) => {
    const parsed = schemaNamed(name).safeParse(JSON.parse(text));
    expect(parsed.error?.issues ?? []).toEqual([]);
  });

  test('would be refused with a field too many', () => {
    const [, name, text] = marked.find(([, schema]) => schema === 'deploymentView') ?? ['', '', '{}'];
    const view = schemaNamed(name);
    expect(view.safeParse({ ...JSON.parse(text), surprise: 1 }).success).toBe(false);
  });
});

describe('docs/api/README.md', () => {
  test('sends requests that a route takes, with query and body as its schemas want them', () => {
    expect(requests().length).toBeGreaterThan(12);
    for (const request of requests()) {
      const shown = `${request.method} ${request.path.join('/')}`;
      const route = routeFor(request);
      expect(route, shown).toBeDefined();
      expect(route?.query?.safeParse(request.query).error?.issues ?? [], shown).toEqual([]);
      if (request.body === undefined) continue;
      expect(route?.body?.safeParse(request.body).error?.issues ?? [], shown).toEqual([]);
    }
  });

  test('names every route there is, and none that is not', () => {
    const named = rowsOf(page.slice(page.indexOf('## Routes'))).map(([cell = '']) =>
      cell.replaceAll('`', ''),
    );
    expect([...named].sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });
});
