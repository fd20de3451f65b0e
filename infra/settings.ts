import type { Node } from 'constructs';
import * as z from 'zod';

const json = (inner: z.ZodType) =>
  z
    .string()
    .transform((text, ctx) => {
      try {
        return inner.parse(JSON.parse(text));
      } catch (error) {
        ctx.addIssue({
          code: 'custom',
          message: `is not valid JSON of the documented form: ${String(error)}`,
        });
        return z.NEVER;
      }
    })
    .transform((value) => JSON.stringify(value));

const hostAndPort = z
  .string()
  .regex(/^[^\s/]+:\d{1,5}(?:-\d{1,5})?$/, 'must be host:port or host:first-last');

/**
 * What an operator may set: `cdk deploy -c <name>=<value>`, or under "context" in cdk.json.
 * Unknown names are refused, so that a typing error is not taken for the default.
 */
const settingsSchema = z.strictObject({
  /** Prefix of every stack; two installations in one account need two names. */
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/)
    .default('Slipway'),
  /** Where builds run unless a project says otherwise. */
  defaultRunner: z.enum(['codebuild', 'agent']).default('codebuild'),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  /** JSON array of host:port that may be private addresses (health checks, webhooks, custom targets). */
  privateHosts: json(z.array(hostAndPort)).default('[]'),
  /** JSON array of origins whose pages may use the API and open a socket. */
  allowedOrigins: json(z.array(z.url())).default('[]'),
  /** JSON array of OIDC issuers with claim-to-role rules. */
  oidcIssuers: json(z.array(z.looseObject({ issuer: z.url() }))).default('[]'),
  /**
   * Requests that may wait for something at the same time (`?wait=`, Server-Sent Events), each a running function; so
   * much of the account's concurrency is reserved for them, and ten more. 0: nobody waits and nothing is reserved.
   */
  waiters: z.coerce.number().int().min(0).max(900).default(50),
  /** A domain whose wildcard serves the sites, with the ARN of its certificate in us-east-1. */
  siteDomain: z.string().optional(),
  siteCertificateArn: z.string().optional(),
  /** JSON: how sites get their addresses, where neither a site domain nor a distribution per environment is wanted. */
  siteHosting: json(z.looseObject({ kind: z.string() })).optional(),
  /** Base of execute-api addresses (`<base>/<apiId>`) where they are not amazonaws.com. */
  executeApiBase: z.url().optional(),
});

export type Settings = z.infer<typeof settingsSchema>;

/** The setting is JSON for the functions, and was read as an array of origins above. */
export const originsIn = ({ allowedOrigins }: Settings) => JSON.parse(allowedOrigins) as string[];

/** CDK's own context keys have a colon, a slash or a hyphen; ours are plain words. */
const OURS = /^[A-Za-z]+$/;

/** Reads the settings from the CDK context; throws with the names that are wrong. */
export function readSettings(node: Node): Settings {
  return settingsSchema.parse(
    Object.fromEntries(Object.entries(contextOf(node)).filter(([key]) => OURS.test(key))),
  );
}

function contextOf(node: Node): Record<string, unknown> {
  // `getAllContext` answers `any`; the schema above is what checks it.
  return node.getAllContext() as Record<string, unknown>;
}
