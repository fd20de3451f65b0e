/**
 * `npm run test:mutation`: changes the core in more than a thousand ways, one at a time, and has its tests notice.
 * What survives is explained in docs/decisions/mutation-testing.md.
 */
export default {
  mutate: [
    'shared/domain/{status,outcome,settlement,after-ending,admission}.ts',
    'shared/store/{slot,succession,gate-places,line,settlement,ended-record,slot-release,intents,idempotency}.ts',
    'functions/http/idempotent.ts',
  ],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  concurrency: 2,
  thresholds: { high: 95, low: 85, break: 85 },
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  htmlReporter: { fileName: '.stryker/report.html' },
  jsonReporter: { fileName: '.stryker/report.json' },
  tempDirName: '.stryker/tmp',
  ignorePatterns: ['.slipway', 'cdk.out', 'coverage', 'dist', 'docs', 'examples'],
  // Nothing in tsconfig.json has to be rewritten for a copy, and TypeScript 7 no longer has the parser that it takes.
  tsconfigFile: 'none',
};
