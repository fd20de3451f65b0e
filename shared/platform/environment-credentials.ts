/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles of functions (infra/bundle.ts): of the default
 * chain only its first link, the environment, which is where Lambda puts the credentials of a function's role.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
