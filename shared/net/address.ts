import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * What an address is for. `public` is globally routable unicast, the only kind a URL given by a user may
 * reach. `private` may be opened by the operator's allow-list; `never` may not, whoever asks: instance
 * metadata and everything else link-local, multicast, unspecified, transition mechanisms that carry a
 * second address inside the first, and whatever is not understood.
 */
export type AddressKind = 'public' | 'private' | 'never';

const privateRanges: ReadonlySet<string> = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/** 2000::/3 is all the IPv6 space that IANA has given out as global unicast. */
const globalUnicast6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Endpoints that hand out credentials and lie in ranges that would pass otherwise: EC2 and EKS metadata
 * over IPv6 (fd00:ec2::/32), Alibaba's (in carrier-grade NAT space), Azure's platform host (public by number).
 */
const credentialEndpoints = [
  ipaddr.parseCIDR('fd00:ec2::/32'),
  ipaddr.parseCIDR('100.100.100.200/32'),
  ipaddr.parseCIDR('168.63.129.16/32'),
];

/** Classifies one IP address in its standard text form; total, and what does not parse is `never`. */
export function classifyAddress(address: string): AddressKind {
  // ipaddr.js also reads octal, hex and short forms; a resolver never answers with one.
  if (isIP(address) === 0 || address.includes('%')) return 'never';
  const parsed = ipaddr.parse(address);
  if (credentialEndpoints.some((range) => parsed.kind() === range[0].kind() && parsed.match(range))) {
    return 'never';
  }
  const range = parsed.range();
  if (privateRanges.has(range)) return 'private';
  if (range !== 'unicast') return 'never';
  if (parsed instanceof ipaddr.IPv4) return 'public';
  return parsed.match(globalUnicast6) ? 'public' : 'never';
}
