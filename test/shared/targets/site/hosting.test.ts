import {
  CloudFrontClient,
  CreateDistributionWithTagsCommand,
  CreateKeyValueStoreCommand,
  GetDistributionCommand,
  ListDistributionsCommand,
} from '@aws-sdk/client-cloudfront';
import { mockClient } from 'aws-sdk-client-mock';
import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import { StageFailed } from '../../../../shared/errors/deployments.ts';
import { PlatformUnavailable } from '../../../../shared/errors/requests.ts';
import { systemClock } from '../../../../shared/platform/clock.ts';
import { edgeStoreClient } from '../../../../shared/platform/edge-store.ts';
import { systemRandom } from '../../../../shared/platform/random.ts';
import { type HostingOf, siteHostingSettings } from '../../../../shared/targets/site/hosting.ts';
import { distributionHosting } from '../../../../shared/targets/site/hosting-distributions.ts';
import { domainHosting } from '../../../../shared/targets/site/hosting-domain.ts';
import { edgeHosting } from '../../../../shared/targets/site/hosting-edge.ts';
import { KeyValues } from '../../../../shared/targets/site/key-values.ts';
import { emulatorClient } from '../../../support/aws.ts';
import { listen } from '../../../support/http-server.ts';

const signal = () => AbortSignal.timeout(20_000);
const siteNamed = (projectName: string) => ({
  projectId: `prj_${ulid()}`,
  environment: 'staging',
  projectName,
});

const SETTINGS: HostingOf<'distributions'> = {
  kind: 'distributions',
  installation: 'Slipway',
  bucketDomain: 'sites.s3.eu-central-1.amazonaws.com',
  bucketAccessControlId: 'E2QWRUHAPOMQZL',
  missDomain: 'abc.lambda-url.eu-central-1.on.aws',
  missAccessControlId: 'E3QWRUHAPOMQZL',
  cachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
  viewerRequestArn: 'arn:aws:cloudfront::000000000000:function/viewer-request',
  viewerResponseArn: 'arn:aws:cloudfront::000000000000:function/viewer-response',
  priceClass: 'PriceClass_100',
};

test('with a domain, an address is a name', async () => {
  const hosting = domainHosting({ siteDomain: 'sites.example.org' });
  const expected = {
    url: 'https://staging--shop.sites.example.org',
    host: 'staging--shop.sites.example.org',
  };
  expect(await hosting.ensure(siteNamed('shop'), signal())).toEqual({ ...expected, ready: true });
});

test('a name longer than DNS allows is refused with what to do', async () => {
  const hosting = domainHosting({ siteDomain: 'sites.example.org' });
  await expect(hosting.ensure(siteNamed('x'.repeat(55)), signal())).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    suggestion: expect.stringContaining('shorter'),
  });
});

test.each([
  ['{"kind":"domain","siteDomain":"a.b"}'],
  ['{"kind":"edge","adminUrl":"http://127.0.0.1:1/x","extra":1}'],
  ['{"kind":"ftp"}'],
])('the setting %s is refused', (text) => {
  expect(siteHostingSettings.safeParse(JSON.parse(text)).success).toBe(false);
});

test('an edge server that is not there is said to be unavailable', async () => {
  const hosting = edgeHosting({ adminUrl: 'http://127.0.0.1:9/none' }, fetch);
  await expect(hosting.ensure(siteNamed('shop'), signal())).rejects.toBeInstanceOf(PlatformUnavailable);
});

test('an edge server that answers something else is not believed', async () => {
  await using server = await listen((_incoming, outgoing) => outgoing.end('{"address":1}'));
  const hosting = edgeHosting({ adminUrl: `http://${server.host}/t` }, fetch);
  await expect(hosting.ensure(siteNamed('shop'), signal())).rejects.toBeInstanceOf(PlatformUnavailable);
});

async function freshKeys(): Promise<KeyValues> {
  const { endpoint, ...options } = emulatorClient();
  const made = await new CloudFrontClient({ ...options, endpoint }).send(
    new CreateKeyValueStoreCommand({ Name: `hosting-${ulid()}` }),
  );
  const storeArn = made.KeyValueStore?.ARN ?? '';
  return new KeyValues({
    ...{ client: edgeStoreClient(options, endpoint), storeArn, clock: systemClock, random: systemRandom },
  });
}

test('on a CloudFront API, a site gets one distribution, found again with and without its key', async () => {
  const cloudFront = new CloudFrontClient(emulatorClient());
  const site = siteNamed('shop');
  const hosting = distributionHosting(SETTINGS, { cloudFront, keys: await freshKeys() });
  expect(await hosting.find(site, signal())).toBeUndefined();

  const made = await hosting.ensure(site, signal());
  expect(made).toEqual({
    url: `https://${made.host}`,
    host: expect.stringContaining('cloudfront'),
    ready: true,
  });
  expect(await hosting.ensure(site, signal())).toEqual(made);

  const forgetful = distributionHosting(SETTINGS, { cloudFront, keys: await freshKeys() });
  expect(await forgetful.ensure(site, signal())).toEqual(made);
  const list = await cloudFront.send(new ListDistributionsCommand({}));
  const ours = list.DistributionList?.Items?.filter((item) =>
    item.Comment?.endsWith(`${site.projectId}/staging`),
  );
  expect(ours).toHaveLength(1);
});

/** CloudFront as it is while a distribution is rolled out, which no emulator shows: it takes minutes. */
function slowCloudFront() {
  const client = new CloudFrontClient({ region: 'us-east-1' });
  const mock = mockClient(client);
  const made = { Id: 'E1', DomainName: 'd111.cloudfront.net', Status: 'InProgress' };
  mock.on(ListDistributionsCommand).resolves({ DistributionList: undefined });
  // What the SDK calls required and tests have no use for is left out.
  mock.on(CreateDistributionWithTagsCommand).resolves({ Distribution: made as never });
  mock.on(GetDistributionCommand).resolves({ Distribution: made as never });
  return { client, mock, made };
}

const failure = (name: string) => Object.assign(new Error(name), { name });

test('a distribution that is still rolled out is not ready, and is once CloudFront says Deployed', async () => {
  const { client, mock, made } = slowCloudFront();
  const site = siteNamed('shop');
  const hosting = distributionHosting(SETTINGS, { cloudFront: client, keys: await freshKeys() });
  expect(await hosting.ensure(site, signal())).toMatchObject({ host: 'd111.cloudfront.net', ready: false });
  mock.on(GetDistributionCommand).resolves({ Distribution: { ...made, Status: 'Deployed' } as never });
  expect(await hosting.ensure(site, signal())).toMatchObject({ ready: true });
  expect(mock.commandCalls(CreateDistributionWithTagsCommand)).toHaveLength(1);
});

test('a distribution that somebody made at the same moment is found and used', async () => {
  const { client, mock, made } = slowCloudFront();
  const site = siteNamed('shop');
  const Comment = `slipway Slipway ${site.projectId}/staging`;
  mock.on(CreateDistributionWithTagsCommand).rejects(failure('DistributionAlreadyExists'));
  mock
    .on(ListDistributionsCommand)
    .resolvesOnce({})
    .resolvesOnce({ DistributionList: { NextMarker: 'more', Items: [] } as never })
    .resolves({ DistributionList: { Items: [{ ...made, Comment }] } as never });
  const hosting = distributionHosting(SETTINGS, { cloudFront: client, keys: await freshKeys() });
  expect(await hosting.ensure(site, signal())).toMatchObject({ host: 'd111.cloudfront.net' });
});

test.each([
  ['TooManyDistributions', 'INVALID_CONFIG'],
  ['AccessDenied', 'INSUFFICIENT_PERMISSIONS'],
])('%s ends the release with %s', async (name, code) => {
  const { client, mock } = slowCloudFront();
  mock.on(CreateDistributionWithTagsCommand).rejects(failure(name));
  const ensured = distributionHosting(SETTINGS, { cloudFront: client, keys: await freshKeys() }).ensure(
    siteNamed('shop'),
    signal(),
  );
  await expect(ensured).rejects.toBeInstanceOf(StageFailed);
  await expect(ensured).rejects.toMatchObject({ code });
});

test('a CloudFront that does not answer is unavailable', async () => {
  const { client, mock } = slowCloudFront();
  mock.on(ListDistributionsCommand).rejects(failure('ServiceUnavailable'));
  const hosting = distributionHosting(SETTINGS, { cloudFront: client, keys: await freshKeys() });
  await expect(hosting.find(siteNamed('shop'), signal())).rejects.toBeInstanceOf(PlatformUnavailable);
});
