import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { refusalsIn } from './refusals.ts';
import { startSlipway } from './slipway.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The stack that all end-to-end tests share. */
    stack: {
      readonly url: string;
      readonly websocketUrl: string;
      readonly token: string;
      readonly dir: string;
    };
  }
}

/** One whole Slipway, started as a person starts it, for all files of the end-to-end suite. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
  const slipway = startSlipway({ dir });
  const { url, websocketUrl, token } = await slipway.running();
  project.provide('stack', { url, websocketUrl, token, dir });
  return async () => {
    await slipway.interrupt();
    const refusals = await refusalsIn(dir);
    await rm(dir, { recursive: true, force: true });
    // Only under SLIPWAY_ENFORCE_IAM=1 is there anything to find, and then no test need have noticed.
    if (refusals.length > 0)
      throw new Error(`The roles of functions allow too little:\n${refusals.join('\n')}`);
  };
}
