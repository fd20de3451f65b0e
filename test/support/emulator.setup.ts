import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmulator } from '../../local/emulator/start.ts';
import { INSTALL } from '../../local/paths.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the emulator of this test run answers; it is empty at the start and keeps nothing. */
    readonly emulatorEndpoint: string;
  }
}

/** Starts the emulator that all tests of a run share and takes it away, with all it wrote, at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-test-'));
  const emulator = await startEmulator({ dir, install: INSTALL, keepState: false });
  project.provide('emulatorEndpoint', emulator.endpoint);
  return async () => {
    await emulator.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
