import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { slipwayApp } from '../../infra/app.ts';

/** The app as `cdk synth` makes it, without credentials and without a CLI; throws where cdk-nag finds something. */
export function synthesised(context: Readonly<Record<string, string>> = {}) {
  const outdir = mkdtempSync(join(tmpdir(), 'slipway-synth-'));
  const app = slipwayApp(new App({ outdir, context: { ...context } }));
  const assembly = app.synth();
  const template = (suffix: string) => {
    const stack = app.node.findChild(`Slipway-${suffix}`);
    // Children of the app are its stacks.
    return Template.fromStack(stack as Stack);
  };
  return { assembly, data: template('Data'), service: template('Service'), sites: template('Sites') };
}
