import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  contains,
  formatAddress,
  formatPrefix,
  networkOf,
  parseAddress,
  parsePrefix,
} from '../../../src/model/address.ts';

/** Addresses with runs of zeros, which is where the short form of IPv6 is decided. */
const ipv6Text = fc
  .array(
    fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) }),
    {
      minLength: 8,
      maxLength: 8,
    },
  )
  .map((groups) => groups.map((group) => group.toString(16)).join(':'));
const ipv4Text = fc.ipV4();

/** Node writes IPv4-mapped and -compatible addresses with dots, as inet_ntop does; we keep to groups, as RFC 5952 allows. */
const hasDotsInNode = (text: string): boolean =>
  new SocketAddress({ address: text, family: 'ipv6' }).address.includes('.');

test('every address that Node takes for one is read, and what is written is read back', () => {
  fc.assert(
    fc.property(fc.oneof(ipv6Text, ipv4Text, fc.ipV6()), (text) => {
      const parsed = parseAddress(text);
      expect(parsed).toBeDefined();
      expect(parsed && parseAddress(formatAddress(parsed))).toEqual(parsed);
    }),
  );
});

test('IPv6 addresses are written as Node writes them', () => {
  fc.assert(
    fc.property(
      fc.oneof(ipv6Text, fc.ipV6()).filter((text) => !hasDotsInNode(text)),
      (text) => {
        const parsed = parseAddress(text);
        expect(parsed && formatAddress(parsed)).toBe(new SocketAddress({ address: text, family: 'ipv6' }).address);
      },
    ),
  );
});

test('what Node does not take for an address is not read', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\da-f:.]{0,20}$/u)), (text) => {
      expect(parseAddress(text) !== undefined).toBe(isIPv4(text) || isIPv6(text));
    }),
  );
});

test('an address lies in a prefix exactly when Node says so', () => {
  fc.assert(
    fc.property(ipv4Text, ipv4Text, fc.integer({ min: 0, max: 32 }), (network, address, length) => {
      const list = new BlockList();
      list.addSubnet(network, length, 'ipv4');
      const prefix = parsePrefix(`${network}/${length}`);
      const parsed = parseAddress(address);
      if (prefix === undefined || parsed === undefined) throw new Error('not read');
      expect(contains(prefix, parsed)).toBe(list.check(address, 'ipv4'));
      expect(networkOf(network, length)).toBe(formatPrefix(prefix));
    }),
  );
});
