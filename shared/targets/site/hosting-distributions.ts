import {
  type CloudFrontClient,
  CreateDistributionWithTagsCommand,
  type Distribution,
  GetDistributionCommand,
  ListDistributionsCommand,
} from '@aws-sdk/client-cloudfront';
import { StageFailed } from '../../errors/deployments.ts';
import { PlatformUnavailable } from '../../errors/requests.ts';
import { refusalOf } from './aws-errors.ts';
import { commentOf, distributionConfig } from './distribution-config.ts';
import type { HostingOf, NamedSite, SiteAddress, SiteHosting } from './hosting.ts';
import type { KeyValues } from './key-values.ts';
import { distributionKey, siteId } from './site.ts';

type Found = Pick<Distribution, 'Id' | 'Status' | 'DomainName'>;

export interface DistributionsDependencies {
  readonly cloudFront: CloudFrontClient;
  readonly keys: KeyValues;
}

/** One page lists 100; an account has 200 distributions unless its quota was raised (to 5,000 and more, by a person). */
const MAX_PAGES = 50;

/** A distribution for each environment, made when it is first deployed to. */
export function distributionHosting(
  settings: HostingOf<'distributions'>,
  { cloudFront, keys }: DistributionsDependencies,
): SiteHosting {
  const find = async (site: NamedSite, signal: AbortSignal): Promise<Found | undefined> => {
    const id = await keys.get(distributionKey(site), signal);
    const known = id === undefined ? undefined : await describe(cloudFront, id, signal);
    return known ?? (await search(cloudFront, commentOf(settings, site), signal));
  };

  return {
    async ensure(site, signal) {
      const found =
        (await find(site, signal)) ??
        (await create(cloudFront, settings, site, signal)) ??
        // Somebody made it since we looked, or has made it before under the same reference.
        (await find(site, signal));
      if (found === undefined) throw unavailable('made', undefined);
      await keys.change({
        key: distributionKey(site),
        signal,
        decide: (current) => (current === found.Id ? undefined : found.Id),
      });
      return addressOf(found);
    },
    async find(site, signal) {
      const found = await find(site, signal);
      return found && addressOf(found);
    },
  };
}

function addressOf({ DomainName, Status }: Found): SiteAddress {
  if (DomainName === undefined) throw unavailable('named', undefined);
  return { url: `https://${DomainName}`, host: DomainName.toLowerCase(), ready: Status === 'Deployed' };
}

async function describe(
  client: CloudFrontClient,
  id: string,
  signal: AbortSignal,
): Promise<Found | undefined> {
  try {
    const answer = await client.send(new GetDistributionCommand({ Id: id }), { abortSignal: signal });
    return answer.Distribution;
  } catch (error) {
    if (nameOf(error) === 'NoSuchDistribution') return undefined;
    throw refusalOf(error) ?? unavailable('read', error);
  }
}

async function search(
  client: CloudFrontClient,
  comment: string,
  signal: AbortSignal,
): Promise<Found | undefined> {
  let marker: string | undefined;
  try {
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const command = new ListDistributionsCommand(marker === undefined ? {} : { Marker: marker });
      const { DistributionList: list } = await client.send(command, { abortSignal: signal });
      const found = list?.Items?.find((item) => item.Comment === comment);
      if (found !== undefined) return found;
      marker = list?.NextMarker;
      if (marker === undefined || marker === '') return undefined;
    }
  } catch (error) {
    throw refusalOf(error) ?? unavailable('listed', error);
  }
  // Not found among those that were read is not the same as not there.
  throw unavailable('found: the account has too many to list', undefined);
}

async function create(
  client: CloudFrontClient,
  settings: HostingOf<'distributions'>,
  site: NamedSite,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const Tags = {
    Items: [
      { Key: 'slipway:installation', Value: settings.installation },
      { Key: 'slipway:site', Value: siteId(site) },
    ],
  };
  const config = { DistributionConfig: distributionConfig(settings, site), Tags };
  try {
    const command = new CreateDistributionWithTagsCommand({ DistributionConfigWithTags: config });
    return (await client.send(command, { abortSignal: signal })).Distribution;
  } catch (error) {
    if (nameOf(error) === 'DistributionAlreadyExists') return undefined;
    if (nameOf(error) === 'TooManyDistributions') throw tooMany(error);
    throw refusalOf(error) ?? unavailable('made', error);
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

const tooMany = (cause: unknown): StageFailed =>
  new StageFailed('INVALID_CONFIG', 'The AWS account may have no more CloudFront distributions.', {
    cause,
    suggestion: 'Remove distributions that nobody needs, raise the quota, or give the stack a siteDomain.',
  });

const unavailable = (verb: string, cause: unknown): PlatformUnavailable =>
  new PlatformUnavailable(`The site's CloudFront distribution could not be ${verb}.`, { cause });
