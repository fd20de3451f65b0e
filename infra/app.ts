import { type App, Validations } from 'aws-cdk-lib';
import { bundleFunctions, bundleRunner } from './bundle.ts';
import { DataStack } from './data/data-stack.ts';
import { ExplainedChecks } from './nag.ts';
import { ServiceStack } from './service/service-stack.ts';
import { readSettings } from './settings.ts';
import { SiteHostingStack } from './site/site-hosting-stack.ts';

/** One stack per lifetime: data outlives everything, sites outlive the service. */
export function slipwayApp(app: App): App {
  const settings = readSettings(app.node);
  bundleFunctions();
  const data = new DataStack(app, `${settings.name}-Data`, {
    description: 'Slipway: records, logs, artifacts (kept)',
  });
  const sites = new SiteHostingStack(app, `${settings.name}-Sites`, {
    description: 'Slipway: releases of sites and the switch of each environment (kept)',
    installation: settings.name,
    hosting: settings.siteHosting,
    siteDomain: settings.siteDomain,
    certificateArn: settings.siteCertificateArn,
  });
  new ServiceStack(app, `${settings.name}-Service`, {
    description: 'Slipway: API, deploy machine, functions',
    settings,
    data,
    sites,
    runnerProgram: bundleRunner(),
  });
  Validations.of(app).addPlugins(new ExplainedChecks(app));
  return app;
}
