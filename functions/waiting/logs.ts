import { readLines } from '../../shared/store/log-read.ts';
import { findDeployment } from '../reads/deployment.ts';
import { isComplete, logQuery, logReply } from '../reads/log-page.ts';
import { logSource } from '../reads/log-source.ts';
import { waitedLogs } from '../reads/waiting-routes.ts';
import { route } from './deps.ts';
import { lookUntil } from './look.ts';

/** A waiting request looks for lines this often (ms): one query of the tail. */
const LOOK_EVERY_MS = 500;
/** Looks that only passed over lines, of one request: then the answer says where to go on. */
const MOST_PASSED = 8;

export const getWaitedLogs = route({
  ...waitedLogs,
  handle: async ({ params, query, actor, deps, headers, signal }) => {
    const deployment = await findDeployment(deps.store, actor, params.deploymentId);
    const { id } = deployment;
    const source = logSource(deps, deployment);
    const wanted = logQuery(query);
    let { place } = wanted;
    let passed = 0;
    const look = async () => {
      const read = await readLines(deps.store, id, { ...wanted, place }, source);
      // Lines before a place do not become more.
      const isFound = read.lines.length > 0 || isComplete(read) || 'before' in place;
      if ('after' in place && read.through > place.after) passed += 1;
      place = { after: read.through };
      return { read, isFound };
    };
    const patience = { seconds: query.wait, everyMs: LOOK_EVERY_MS, actor, signal };
    const { read } = await lookUntil(deps, patience, look, ({ isFound }) => isFound || passed >= MOST_PASSED);
    return logReply(read, wanted, headers);
  },
});
