import { expect, test } from 'vitest';
import { parsePrefix } from '../../../src/model/address.ts';
import { privateNetworks, publicNetworksOf } from '../../../src/model/private-networks.ts';

test('each private network is one, written as the kernel writes it', () => {
  for (const text of privateNetworks) expect(parsePrefix(text)).toBeDefined();
});

test('networks of links are told once, in order, without those that are private anyway', () => {
  const members = [
    '203.0.113.7/24',
    '192.168.1.2/24',
    '2001:db8:1::7/64',
    '203.0.113.9/24',
    'fd00::1/64',
    'fe80::1/64',
  ];
  expect(publicNetworksOf(members)).toEqual(['2001:db8:1::/64', '203.0.113.0/24']);
});

test('an address of IPv6 that stands for itself has neighbours in the 64 bits around it', () => {
  expect(publicNetworksOf(['2001:db8:1::7/128'])).toEqual(['2001:db8:1::/64']);
});

test('a link that claims a good part of the internet does not close it', () => {
  expect(publicNetworksOf(['25.1.2.3/8', '0.0.0.0/0', '2001:db8::1/32', '203.0.113.7/32'])).toEqual(['203.0.113.7/32']);
});

test('what is no network is none', () => {
  expect(publicNetworksOf(['', 'x/24', '203.0.113.7', '203.0.113.7/33'])).toEqual([]);
});
