import * as z from 'zod/mini';
import { PlatformUnavailable } from '../../errors/requests.ts';
import type { HostingOf, NamedSite, SiteAddress, SiteHosting } from './hosting.ts';

/** The edge server answers at once or is not there. */
const DEADLINE_MS = 5000;

/** What `PUT` and `GET <adminUrl>/sites/<projectId>/<environment>` of the edge server answer. */
export const edgeSite = z.strictObject({
  /** `http://127.0.0.1:<port>` */
  address: z.string(),
  /** What its viewer functions see as the Host header, whatever the port is. */
  host: z.string(),
});
export type EdgeSite = z.infer<typeof edgeSite>;

/** The edge server of `npm start`: it gives each site a port of its own. */
export function edgeHosting(
  settings: Pick<HostingOf<'edge'>, 'adminUrl'>,
  fetcher: typeof fetch,
): SiteHosting {
  const ask = async (
    method: 'GET' | 'PUT',
    site: NamedSite,
    signal: AbortSignal,
  ): Promise<SiteAddress | undefined> => {
    const url = `${settings.adminUrl}/sites/${site.projectId}/${site.environment}`;
    try {
      const answer = await fetcher(url, {
        method,
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      });
      if (answer.status === 404 && method === 'GET') return undefined;
      if (!answer.ok) throw new PlatformUnavailable(`The edge server answered ${answer.status}.`);
      const { address, host } = edgeSite.parse(await answer.json());
      return { url: address, host, ready: true };
    } catch (error) {
      if (error instanceof PlatformUnavailable) throw error;
      throw new PlatformUnavailable('The edge server that serves sites does not answer.', {
        cause: error,
        suggestion: 'See whether npm start is still running.',
      });
    }
  };
  return {
    async ensure(site, signal) {
      const address = await ask('PUT', site, signal);
      if (address === undefined) throw new PlatformUnavailable('The edge server gave the site no address.');
      return address;
    },
    find: (site, signal) => ask('GET', site, signal),
  };
}
