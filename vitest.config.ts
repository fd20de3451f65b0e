import { defineConfig } from 'vitest/config';

/**
 * In CI a test that missed a moment on a busy machine is run again; a fact that does not hold fails every time.
 * What had to be run again is marked "retry" in the output, and is a fault of the test to be mended.
 */
const retry = process.env['CI'] === undefined ? 0 : 2;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          retry,
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', '**/node_modules/**'],
          // Tests that need a database use a real engine: one emulator for the whole run.
          globalSetup: ['test/support/emulator.setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          retry,
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          globalSetup: ['test/support/e2e.setup.ts'],
          // One stack, one environment slot per scenario: files take turns.
          fileParallelism: false,
          // For whole starts on a small machine that is busy; nothing waits this long where all is well.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
