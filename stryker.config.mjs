/** `npm run test:mutation`: docs/decisions/mutation-testing.md says what it shows and what survives for which reason. */
export default {
  mutate: [
    'shared/domain/{status,settlement,after-ending,admission}.ts',
    'shared/store/{slot,succession,gate-places,line,settlement,slot-release,intents,idempotency}.ts',
    'functions/http/idempotent.ts',
  ],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  concurrency: 2,
  thresholds: { high: 95, low: 85, break: 85 },
  reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
  clearTextReporter: { allowColor: false, reportTests: false, reportScoreTable: true },
  // Nothing in tsconfig.json is to be rewritten for a copy, and TypeScript 7 has no longer the function that parses it.
  tsconfigFile: 'none',
  ignorePatterns: ['.slipway', 'cdk.out', 'dist', 'coverage', 'docs', 'examples'],
};
