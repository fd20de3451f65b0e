import { defineConfig } from 'vitest/config';

/** What is run for each mutant (stryker.config.mjs): tests of the mutated files, on the engine in memory. */
export default defineConfig({
  test: {
    include: [
      'test/shared/domain/{admission,after-ending,settlement,settlement-endings,status}.test.ts',
      'test/shared/store/{deployments,gate-places,idempotency,intents,line,settlement,slot,slot-release,succession}.test.ts',
      'test/functions/http/idempotency.test.ts',
    ],
    env: { TEST_ENGINE: 'memory' },
  },
});
