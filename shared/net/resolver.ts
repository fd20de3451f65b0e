import { lookup } from 'node:dns/promises';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Every address of a host name, asked once. Rejects or answers with an empty list where there is none. */
export type Resolver = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** The machine's own resolver, hosts file included: what a plain connection would have used. */
export const systemResolver: Resolver = async (hostname) => {
  const answers = await lookup(hostname, { all: true, order: 'verbatim' });
  return answers.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};
