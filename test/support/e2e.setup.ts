import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
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
    await rm(dir, { recursive: true, force: true });
  };
}
