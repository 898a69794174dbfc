import { describe, expect, test } from 'vitest';
import { selectFlows } from '../../../../src/effects/flows/flow-selection.ts';
import type { StrandedFlows } from '../../../../src/model/flows.ts';
import {
  addressKey,
  mainTable,
  routeKey,
  type Address,
  type KernelState,
  type Route,
} from '../../../../src/model/kernel.ts';
import { instant } from '../../../../src/model/units.ts';
import { addressOf } from '../../../fakes/kernel/connected-routes.ts';
import { foreignRoute } from '../support.ts';

const flows: StrandedFlows = {
  index: 2,
  name: 'eth0',
  family: 'ipv4',
  path: {
    addresses: [
      { address: '192.168.1.2', prefixLength: 24, peer: null },
      { address: '192.168.2.2', prefixLength: 24, peer: null },
    ],
    gateway: '192.168.1.1',
  },
  since: instant(0),
  because: 'it is dead',
};

type Way = Pick<Route, 'destination' | 'linkIndex' | 'gateway'>;

/** eth0 with one of its addresses, wlan0, and what the main table says. */
function kernel(ways: readonly Way[] = connected, extra: readonly Address[] = []): KernelState {
  const addresses = [addressOf(2, '192.168.1.2', 24), addressOf(3, '10.0.0.2', 24), ...extra];
  const routes = ways.map((way) => foreignRoute({ ...way, table: mainTable }));
  return {
    links: new Map(),
    addresses: new Map(addresses.map((one) => [addressKey(one), one])),
    routes: new Map(routes.map((route) => [routeKey(route), route])),
    rules: new Map(),
    neighbours: new Map(),
  };
}

const connected: readonly Way[] = [
  { destination: '0.0.0.0/0', linkIndex: 2, gateway: '192.168.1.1' },
  { destination: '192.168.1.0/24', linkIndex: 2, gateway: null },
  { destination: '10.0.0.0/24', linkIndex: 3, gateway: null },
];

const socket = (destination: string, source = '192.168.1.2', boundTo = 0) => ({
  source,
  destination,
  boundTo,
  inode: 7,
});

describe('a socket is stuck to a dead uplink', () => {
  const { isStrandedSocket, sources } = selectFlows(flows, kernel());

  test('when its destination lies beyond the gateway', () => {
    expect(sources).toEqual(['192.168.1.2', '192.168.2.2']);
    expect(isStrandedSocket(socket('203.0.113.10'))).toBe(true);
    expect(isStrandedSocket(socket('203.0.113.10', '192.168.2.2'))).toBe(true);
  });

  test.each([
    ['on the link', '192.168.1.77'],
    ['on the other network of the link', '192.168.2.77'],
    ['this node', '10.0.0.2'],
    ['on another link', '10.0.0.9'],
    ['the loopback', '127.0.0.1'],
    ['link-local', '169.254.1.1'],
    ['multicast', '224.0.0.251'],
    ['no address', 'nonsense'],
  ])('but not when its destination is %s', (_, destination) => {
    expect(isStrandedSocket(socket(destination))).toBe(false);
  });

  test('but not when it leaves from another address, or by a device of its choice', () => {
    expect(isStrandedSocket(socket('203.0.113.10', '10.0.0.2'))).toBe(false);
    expect(isStrandedSocket(socket('203.0.113.10', '192.168.1.2', 2))).toBe(false);
  });

  test('also on the link when the kernel has lost its routes with the carrier', () => {
    expect(selectFlows(flows, kernel([])).isStrandedSocket(socket('192.168.1.77'))).toBe(false);
  });
});

describe('a way of its own in the main table', () => {
  test('spares a destination, by the longest prefix, unless it leads through the dead gateway', () => {
    const { isStrandedSocket } = selectFlows(
      flows,
      kernel([
        { destination: '198.51.100.0/24', linkIndex: 3, gateway: '10.0.0.1' },
        { destination: '198.51.100.128/25', linkIndex: 2, gateway: '192.168.1.1' },
        { destination: '203.0.113.0/24', linkIndex: 2, gateway: '192.168.1.254' },
      ]),
    );
    expect(isStrandedSocket(socket('198.51.100.1'))).toBe(false);
    expect(isStrandedSocket(socket('198.51.100.200'))).toBe(true);
    expect(isStrandedSocket(socket('203.0.113.1'))).toBe(false);
  });
});

describe('an address that another link has too', () => {
  test('says nothing of the way: what leaves from it is left alone', () => {
    const twice = selectFlows(flows, kernel(connected, [addressOf(3, '192.168.1.2', 24)]));
    expect(twice.sources).toEqual(['192.168.2.2']);
    expect(twice.isStrandedSocket(socket('203.0.113.10'))).toBe(false);
  });
});

describe('a connection of a client', () => {
  const { isStrandedConnection } = selectFlows(flows, kernel());
  const connection = { source: '10.77.0.2', destination: '203.0.113.10', replyDestination: '192.168.1.2' };

  test('is stuck when it was translated to an address of the dead uplink and leads beyond its gateway', () => {
    expect(isStrandedConnection(connection)).toBe(true);
  });

  test('is left alone when it was translated to another, leads to the LAN, or is none of a client', () => {
    expect(isStrandedConnection({ ...connection, replyDestination: '10.0.0.2' })).toBe(false);
    expect(isStrandedConnection({ ...connection, destination: '192.168.1.77' })).toBe(false);
    expect(isStrandedConnection({ ...connection, source: '192.168.1.2' })).toBe(false);
  });
});
