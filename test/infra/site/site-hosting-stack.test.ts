import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildSync } from 'esbuild';
import { beforeAll, expect, test, vi } from 'vitest';
import { bundleFolder } from '../../../infra/bundle.ts';
import { ExplainedChecks } from '../../../infra/nag.ts';
import { type SiteHostingProps, SiteHostingStack } from '../../../infra/site/site-hosting-stack.ts';
import { distributionConfig } from '../../../shared/targets/site/distribution-config.ts';
import { siteHostingSettings } from '../../../shared/targets/site/hosting.ts';

// The first synth of a process loads the CDK and its validators; on a busy machine that alone takes long.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => {
  // The stack takes the bundle that synth makes for all functions; this test needs one of them.
  if (existsSync(bundleFolder('site-miss'))) return;
  const entryPoints = [join(import.meta.dirname, '../../../functions/site-miss/main.ts')];
  const outfile = join(bundleFolder('site-miss'), 'index.js');
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
});

const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/0b1c2d3e';

function synthesised(props: Partial<SiteHostingProps> = {}, check: (app: App) => void = () => {}) {
  const app = new App();
  const stack = new SiteHostingStack(app, 'Sites', { installation: 'Slipway', ...props });
  check(app);
  const { directory } = app.synth();
  return { stack, directory, template: Template.fromStack(stack) };
}

test('with a domain there is one wildcard distribution, and the miss function behind the bucket', () => {
  const { template } = synthesised({ siteDomain: 'sites.example.org', certificateArn: CERTIFICATE });
  const [distribution] = Object.values(template.findResources('AWS::CloudFront::Distribution'));
  const config = distribution?.['Properties'].DistributionConfig;
  expect(config.Aliases).toEqual(['*.sites.example.org']);
  expect(config.OriginGroups.Items[0].FailoverCriteria.StatusCodes.Items).toEqual([403, 404]);
  expect(config.DefaultCacheBehavior.AllowedMethods).toEqual(['GET', 'HEAD']);
});

test('the wildcard distribution behaves like the ones that are made for single environments', () => {
  const { template } = synthesised({ siteDomain: 'sites.example.org', certificateArn: CERTIFICATE });
  const [distribution] = Object.values(template.findResources('AWS::CloudFront::Distribution'));
  const wildcard = distribution?.['Properties'].DistributionConfig;
  const { stack } = synthesised();
  const settings = siteHostingSettings.parse(JSON.parse(stack.hosting));
  if (settings.kind !== 'distributions')
    return expect.unreachable('without a domain they are made one by one');
  const site = { projectId: 'prj_1', environment: 'production', projectName: 'shop' };
  const single = distributionConfig(settings, site);

  const behaviour = single.DefaultCacheBehavior;
  expect(wildcard.DefaultCacheBehavior).toMatchObject({
    TargetOriginId: behaviour?.TargetOriginId,
    ViewerProtocolPolicy: behaviour?.ViewerProtocolPolicy,
    AllowedMethods: behaviour?.AllowedMethods?.Items,
    CachedMethods: behaviour?.AllowedMethods?.CachedMethods?.Items,
    Compress: behaviour?.Compress,
  });
  const events = (items: { EventType?: string }[] | undefined) => items?.map((item) => item.EventType);
  expect(events(wildcard.DefaultCacheBehavior.FunctionAssociations)).toEqual(
    events(behaviour?.FunctionAssociations?.Items),
  );
  expect(wildcard.OriginGroups.Items).toEqual(single.OriginGroups?.Items);
  const { PriceClass, HttpVersion } = single;
  expect(wildcard).toMatchObject({ Enabled: true, IPV6Enabled: true, PriceClass, HttpVersion });
  expect(wildcard.Origins.map((origin: { Id: string }) => origin.Id)).toEqual(
    single.Origins?.Items?.map((origin) => origin.Id),
  );
});

test('without a domain no distribution is made here, and the setting tells the target how to make them', () => {
  const { stack, template } = synthesised();
  template.resourceCountIs('AWS::CloudFront::Distribution', 0);
  expect(siteHostingSettings.parse(JSON.parse(stack.hosting))).toMatchObject({ kind: 'distributions' });
});

test('cdk-nag has no finding that nobody explained', () => {
  const domain = { siteDomain: 'sites.example.org', certificateArn: CERTIFICATE };
  const { directory } = synthesised(domain, (app) =>
    Validations.of(app).addPlugins(new ExplainedChecks(app)),
  );
  const { pluginReports } = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
  expect(pluginReports).toContainEqual(
    expect.objectContaining({ pluginName: 'AwsSolutions', conclusion: 'success', violations: [] }),
  );
});

test('the bucket and the switch stay when the stack goes', () => {
  const { template } = synthesised();
  for (const type of ['AWS::S3::Bucket', 'AWS::CloudFront::KeyValueStore']) {
    const [resource] = Object.values(template.findResources(type));
    expect(resource?.['DeletionPolicy']).toBe('Retain');
  }
});

test('viewers reach releases and assets through CloudFront, never manifests, and nothing can be listed', () => {
  const { template } = synthesised();
  const [policy] = Object.values(template.findResources('AWS::S3::BucketPolicy'));
  const statements: { Effect: string; Action: string | string[]; Resource: unknown }[] =
    policy?.['Properties'].PolicyDocument.Statement;
  const allowed = statements.filter((statement) => statement.Effect === 'Allow');
  expect(allowed.flatMap((statement) => statement.Action)).toEqual(['s3:GetObject']);
  expect(JSON.stringify(allowed)).not.toContain('manifests');
});

test('a domain without its certificate is refused', () => {
  expect(() => synthesised({ siteDomain: 'sites.example.org' })).toThrow(/go together/);
});
