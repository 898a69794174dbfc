import { expect, test } from 'vitest';
import { decodeAcknowledgement } from '../../../../src/adapters/netlink/codec/acknowledgement.codec.ts';
import { decodeCounters } from '../../../../src/adapters/netlink/codec/counters.codec.ts';
import { decodeMessages, encodeMessage } from '../../../../src/adapters/netlink/codec/message.codec.ts';
import { decodeKernelMessage } from '../../../../src/adapters/netlink/codec/route-netlink.codec.ts';
import { bytesOf, type CapturedName } from './captured.ts';

const decoded = (name: CapturedName): unknown => decodeMessages(bytesOf(name)).map(decodeKernelMessage);

test('a link is read with its name, kind, flags, addresses and its other end', () => {
  expect(decoded('newLink')).toEqual([
    {
      type: 'new',
      object: 'link',
      value: {
        index: 7,
        name: 'eth0',
        kind: 'veth',
        hardwareType: 1,
        isUp: false,
        hasCarrier: false,
        isLoopback: false,
        isPointToPoint: false,
        mtu: 1500,
        macAddress: '02:00:5e:10:00:01',
        lowerIndex: 8,
        masterIndex: null,
      },
    },
  ]);
});

test('what a bridge says of its port is neither a link nor the end of one', () => {
  expect(decoded('bridgePort')).toEqual([null]);
  expect(decoded('bridgePortGone')).toEqual([null]);
});

test('addresses of both families are read, a peer beside its own end', () => {
  const common = { scope: 'global', isTentative: false, isDeprecated: false, linkIndex: 7 };
  expect(decoded('ipv4Address')).toMatchObject([
    { type: 'new', value: { ...common, family: 'ipv4', address: '192.0.2.7', prefixLength: 24, peer: null } },
  ]);
  expect(decoded('peerAddress')).toMatchObject([
    { type: 'new', value: { ...common, family: 'ipv4', address: '10.0.0.1', prefixLength: 32, peer: '10.0.0.2' } },
  ]);
  expect(decoded('ipv6Address')).toMatchObject([
    { type: 'new', value: { ...common, family: 'ipv6', address: '2001:db8::7', prefixLength: 64, peer: null } },
  ]);
});

const ipv4Route = {
  family: 'ipv4',
  table: 1000,
  type: 'unicast',
  destination: '0.0.0.0/0',
  gateway: '192.0.2.1',
  linkIndex: 7,
  metric: 5,
  protocol: 144,
  scope: 'global',
  preferredSource: null,
  isOnLink: true,
};

test('a route is read with its table beyond 255, its metric, its mark and its flags', () => {
  expect(decoded('ipv4Route')).toEqual([
    { type: 'new', object: 'route', value: [ipv4Route], replace: false, append: false },
  ]);
  expect(decoded('ipv4Replaced')).toEqual([
    {
      type: 'new',
      object: 'route',
      value: [{ ...ipv4Route, gateway: '192.0.2.9', isOnLink: false }],
      replace: true,
      append: false,
    },
  ]);
  expect(decoded('ipv6Route')).toMatchObject([
    { value: [{ family: 'ipv6', table: 254, destination: '2001:db8:1::/48', gateway: 'fe80::1', metric: 20 }] },
  ]);
  expect(decoded('unreachableGone')).toMatchObject([
    {
      type: 'delete',
      value: [{ type: 'unreachable', destination: '10.8.0.0/16', gateway: null, linkIndex: null, metric: 4278198272 }],
    },
  ]);
});

test('a multipath route is read as one route for each next hop', () => {
  expect(decoded('ipv4Multipath')).toMatchObject([
    {
      value: [
        { destination: '198.51.100.0/24', gateway: '192.0.2.1', linkIndex: 7, metric: 0 },
        { destination: '198.51.100.0/24', gateway: '192.0.2.9', linkIndex: 7, metric: 0 },
      ],
    },
  ]);
  // The kernel writes 1024 for IPv6 where no metric was given.
  expect(decoded('ipv6Multipath')).toMatchObject([
    {
      value: [
        { destination: '2001:db8:2::/48', gateway: 'fe80::1', metric: 1024 },
        { destination: '2001:db8:2::/48', gateway: 'fe80::2', metric: 1024 },
      ],
    },
  ]);
});

test('a next hop of the other family is reported as it is', () => {
  expect(decoded('viaIpv6')).toMatchObject([{ value: [{ family: 'ipv4', gateway: 'fe80::1', linkIndex: 7 }] }]);
});

test('a rule is read with its selectors, and says when it has others', () => {
  const none = { from: null, to: null, inputInterface: null, outputInterface: null, mark: null, mask: null };
  expect(decoded('rule')).toMatchObject([
    {
      value: {
        ...none,
        family: 'ipv4',
        priority: 1000,
        action: 'lookup',
        table: 1000,
        from: '192.0.2.7/32',
        outputInterface: 'eth0',
        suppressPrefixLength: 0,
        protocol: 144,
        hasOtherSelectors: false,
      },
    },
  ]);
  expect(decoded('markRule')).toMatchObject([
    {
      value: {
        ...none,
        priority: 5270,
        action: 'unreachable',
        to: '10.0.0.0/8',
        inputInterface: 'eth0',
        mark: 0x4_0000,
        mask: 0xff_0000,
        suppressPrefixLength: null,
        hasOtherSelectors: false,
      },
    },
  ]);
  expect(decoded('portRule')).toMatchObject([{ value: { ...none, priority: 77, hasOtherSelectors: true } }]);
});

test('a neighbour is read with its state', () => {
  expect(decoded('neighbour')).toEqual([
    {
      type: 'new',
      object: 'neighbour',
      value: {
        family: 'ipv4',
        linkIndex: 7,
        address: '192.0.2.1',
        macAddress: '02:00:5e:10:00:99',
        state: 'reachable',
        isRouter: true,
      },
    },
  ]);
});

test('a refusal carries its number and the words of the kernel', () => {
  const [message] = decodeMessages(bytesOf('refusal'));
  expect(message && decodeAcknowledgement(message)).toEqual({ errno: 101, message: 'Nexthop has invalid gateway' });
});

test('counters are read from the reply to a request for statistics', () => {
  const [message] = decodeMessages(bytesOf('counters'));
  expect(message && decodeCounters(message.payload)).toEqual({
    receivedPackets: 1,
    sentPackets: 4,
    receivedBytes: 90,
    sentBytes: 400,
  });
});

test('several messages in one datagram are all read', () => {
  const [message] = decodeMessages(bytesOf('neighbour'));
  if (message === undefined) throw new Error('nothing was captured');
  const one = encodeMessage(message);
  const both = new Uint8Array([...one, ...one]);
  expect(decodeMessages(both).map(decodeKernelMessage)).toHaveLength(2);
});
