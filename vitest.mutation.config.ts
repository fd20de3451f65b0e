import { defineConfig } from 'vitest/config';

/**
 * The tests of which each mutant has to fail one (stryker.config.mjs): those of the mutated files, on the engine in
 * memory. `npm test` runs the same tests on a real engine.
 */
export default defineConfig({
  test: {
    include: [
      'test/shared/domain/{admission,after-ending,settlement,settlement-endings,status}.test.ts',
      'test/shared/store/{deployments,gate-places,idempotency,intents,line}.test.ts',
      'test/shared/store/{good,settlement,slot,slot-release,succession}.test.ts',
      'test/functions/http/idempotency.test.ts',
    ],
    env: { TEST_ENGINE: 'memory' },
    // Modules are loaded once for each mutant, not once for each file of tests.
    isolate: false,
  },
});
