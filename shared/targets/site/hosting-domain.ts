import { StageFailed } from '../../errors/deployments.ts';
import type { HostingOf, NamedSite, SiteAddress, SiteHosting } from './hosting.ts';

/** Longest label that DNS allows. */
const MAX_LABEL = 63;

/** One wildcard distribution for all sites: an address is a name, nothing has to be made. */
export function domainHosting({ siteDomain }: Pick<HostingOf<'domain'>, 'siteDomain'>): SiteHosting {
  const address = (site: NamedSite): SiteAddress => {
    const label = `${site.environment}--${site.projectName}`;
    if (label.length > MAX_LABEL) {
      throw new StageFailed(
        'INVALID_CONFIG',
        `The site's name ${label} has ${label.length} characters; DNS allows ${MAX_LABEL}.`,
        { suggestion: 'Give the project or the environment a shorter name.' },
      );
    }
    const host = `${label}.${siteDomain}`;
    return { url: `https://${host}`, host, ready: true };
  };
  return {
    ensure: async (site) => address(site),
    find: async (site) => address(site),
  };
}
