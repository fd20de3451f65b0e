/**
 * Which folder may import what (docs/design.md, Layout). `only(from, ...may)`: a file in `from`
 * imports from itself and from `may`, and from nothing else of this repository.
 */
const only = (name, from, ...may) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(infra|functions|shared|client|runner|local|test)/', pathNot: [from, ...may] },
});
const noPackages = (name, from, ...except) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: 'node_modules', pathNot: except.map((pkg) => `node_modules/(@types/)?${pkg}(/|$)`) },
});

const CONTRACTS = '^shared/contracts/';
const DOMAIN = '^shared/domain/';
const ERRORS = '^shared/errors/';
const STORE = '^shared/store/';
const PLATFORM = '^shared/platform/';
const NET = '^shared/net/';
const MASKING = '^shared/masking/';
const TARGETS = '^shared/targets/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^cloudfront$' },
    },
    only('errors-know-nothing', ERRORS),
    only('domain-is-pure', DOMAIN, ERRORS),
    only('contracts-know-the-domain', CONTRACTS, DOMAIN, ERRORS),
    only('store', STORE, CONTRACTS, DOMAIN, ERRORS, PLATFORM),
    only('platform', PLATFORM, CONTRACTS, DOMAIN, ERRORS, STORE),
    only('net', NET, ERRORS, DOMAIN, CONTRACTS),
    only('masking', MASKING, ERRORS),
    only('targets', TARGETS, CONTRACTS, DOMAIN, ERRORS, PLATFORM, NET, MASKING),
    only('functions', '^functions/', '^shared/'),
    only('client', '^client/', CONTRACTS, DOMAIN, ERRORS),
    only('runner', '^runner/', CONTRACTS, DOMAIN, ERRORS, MASKING, NET, '^client/', PLATFORM),
    only('infra', '^infra/', CONTRACTS, DOMAIN, '^shared/store/tables.ts$', TARGETS),
    only('local', '^local/', '^infra/', '^client/', '^runner/', '^shared/'),
    {
      name: 'nobody-imports-local-or-test',
      severity: 'error',
      from: { pathNot: '^(local|test)/' },
      to: { path: '^(local|test)/' },
    },
    {
      name: 'operations-do-not-cross-functions',
      severity: 'error',
      from: { path: '^functions/([^/]+)/' },
      to: { path: '^functions/([^/]+)/', pathNot: ['^functions/$1/', '^functions/(http|reads)/'] },
    },
    noPackages('errors-have-no-packages', ERRORS),
    noPackages(
      'domain-has-named-packages-only',
      DOMAIN,
      'json-merge-patch',
      'rrule-temporal',
      'temporal-polyfill',
      'croner',
    ),
    noPackages('contracts-have-zod-only', CONTRACTS, 'zod'),
    {
      name: 'dynamodb-only-in-the-store',
      severity: 'error',
      from: {
        path: '^(functions|shared)/',
        pathNot: ['^shared/store/', '/deps\\.ts$', '/main\\.ts$', '^functions/http/'],
      },
      to: { path: 'client-dynamodb|util-dynamodb', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: '(^test/|node_modules)' },
    exclude: { path: '(^|/)(dist|cdk\\.out)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    parser: 'swc',
  },
};
