import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AddressKind, classifyAddress } from '../../../shared/net/address.ts';

const table: readonly (readonly [AddressKind, string, string])[] = [
  ['public', '8.8.8.8', 'an ordinary address'],
  ['public', '2606:4700::1', 'an ordinary IPv6 address'],
  ['public', '172.32.0.1', 'just above 172.16/12'],
  ['public', '100.128.0.1', 'just above carrier-grade NAT'],
  ['private', '10.0.0.1', 'RFC 1918'],
  ['private', '172.31.255.255', 'RFC 1918'],
  ['private', '192.168.1.1', 'RFC 1918'],
  ['private', '127.0.0.1', 'loopback'],
  ['private', '127.255.255.254', 'loopback'],
  ['private', '::1', 'loopback'],
  ['private', 'fd12:3456::1', 'unique local'],
  ['private', '100.64.0.1', 'carrier-grade NAT'],
  ['never', '169.254.169.254', 'instance metadata'],
  ['never', '169.254.170.2', 'container credentials'],
  ['never', 'fd00:ec2::254', 'instance metadata over IPv6'],
  ['never', '100.100.100.200', 'metadata in carrier-grade NAT space'],
  ['never', '168.63.129.16', 'platform host with a public number'],
  ['never', 'fe80::1', 'link-local'],
  ['never', 'fe80::1%eth0', 'link-local with a zone'],
  ['never', '2606:4700::1%eth0', 'a zone where none belongs'],
  ['never', '0.0.0.0', 'unspecified'],
  ['never', '0.1.2.3', 'this network'],
  ['never', '::', 'unspecified'],
  ['never', '224.0.0.1', 'multicast'],
  ['never', 'ff02::1', 'multicast'],
  ['never', '255.255.255.255', 'broadcast'],
  ['never', '240.0.0.1', 'reserved'],
  ['never', '192.0.2.1', 'documentation'],
  ['never', '198.51.100.1', 'documentation'],
  ['never', '203.0.113.1', 'documentation'],
  ['never', '2001:db8::1', 'documentation'],
  ['never', '3fff::1', 'documentation'],
  ['never', '198.18.0.1', 'benchmarking'],
  ['never', '192.0.0.192', 'protocol assignments, metadata of one cloud'],
  ['never', '192.88.99.1', '6to4 relay'],
  ['never', '2002:7f00:1::', '6to4 around 127.0.0.1'],
  ['never', '2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo'],
  ['never', '64:ff9b::a00:1', 'NAT64 around 10.0.0.1'],
  ['never', '64:ff9b:1::a00:1', 'local NAT64'],
  ['never', '::ffff:127.0.0.1', 'IPv4-mapped'],
  ['never', '::ffff:8.8.8.8', 'IPv4-mapped, even of a public address'],
  ['never', '::7f00:1', 'IPv4-compatible'],
  ['never', '::ffff:0:7f00:1', 'IPv4-translated'],
  ['never', 'fec0::1', 'site-local'],
  ['never', '100::1', 'discard'],
  ['never', '5f00::1', 'segment routing'],
  ['never', '4000::1', 'never given out'],
  ['never', '010.1.1.1', 'octal'],
  ['never', '0x7f.0.0.1', 'hexadecimal'],
  ['never', '2130706433', 'one number'],
  ['never', 'localhost', 'not an address'],
  ['never', '', 'nothing'],
];

describe('classifyAddress', () => {
  test.each(table)('is %s for %s: %s', (kind, address) => {
    expect(classifyAddress(address)).toBe(kind);
  });

  test('no IPv6 address outside 2000::/3 is public', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
    const outside = fc.integer({ min: 0, max: 0xffff }).filter((n) => n >> 13 !== 1);
    fc.assert(
      fc.property(outside, fc.array(group, { minLength: 7, maxLength: 7 }), (first, rest) => {
        expect(classifyAddress([first.toString(16), ...rest].join(':'))).not.toBe('public');
      }),
    );
  });

  test('any text gets an answer', () => {
    fc.assert(fc.property(fc.string(), (text) => void classifyAddress(text)));
  });
});
