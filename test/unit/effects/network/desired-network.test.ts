import { describe, expect, test } from 'vitest';
import type { NetworkIntent, UplinkPath } from '../../../../src/model/network.ts';
import { desiredNetwork } from '../../../../src/effects/network/desired-network.ts';
import { describeRoute, describeRule } from '../../../../src/effects/operations.ts';
import type { Tables } from '../../../../src/effects/network/tables.ts';
import { routing } from '../support.ts';

const tables: Tables = { ranked: 200, uplinks: new Map([[2, 100]]), families: { ipv4: true, ipv6: true } };
const intentWith = (path: Partial<UplinkPath>, family: 'ipv4' | 'ipv6' = 'ipv4'): NetworkIntent => {
  const whole = { addresses: [], gateway: null, ...path };
  const paths = { ipv4: null, ipv6: null, [family]: whole };
  const ranking = { ipv4: [], ipv6: [], [family]: [{ index: 2, isReachable: true }] };
  return { uplinks: [{ index: 2, name: 'wwan0', paths }], ranking };
};
const routesOf = (intent: NetworkIntent): readonly string[] =>
  desiredNetwork(intent, routing, tables).routes.map(
    (route) => `${describeRoute(route, new Map())}${route.isOnLink ? ' onlink' : ''}`,
  );
const address = (text: string, prefixLength: number, peer: string | null = null) => ({
  address: text,
  prefixLength,
  peer,
});

describe('the desired network', () => {
  test('ROUT-1: has the networks and the default of an uplink in its table, and the rules in their order', () => {
    const intent = intentWith({ addresses: [address('192.0.2.2', 24)], gateway: '192.0.2.1' });
    expect(routesOf(intent)).toEqual([
      'route 192.0.2.0/24 dev if2 metric 1 table 100',
      'route default via 192.0.2.1 dev if2 metric 1 table 100 onlink',
      'route default via 192.0.2.1 dev if2 metric 10 table 200 onlink',
      'route 192.0.2.1/32 dev if2 metric 1 table 200',
    ]);
    const rules = desiredNetwork(intent, routing, tables).rules.filter(({ family }) => family === 'ipv4');
    expect(rules.map(describeRule)).toEqual([
      'rule 1000: from all oif wwan0 lookup 100',
      'rule 1010: from 192.0.2.2/32 lookup 100 suppress_prefixlength 0',
      'rule 1050: from all lookup 200 suppress_prefixlength 0',
      'rule 1100: from all lookup 254 suppress_prefixlength 0',
      'rule 1200: from 192.0.2.2/32 lookup 100',
      'rule 32765: from all lookup 200',
    ]);
  });

  test('ROUT-1: needs no gateway on a point-to-point link; its network is that of the peer', () => {
    expect(routesOf(intentWith({ addresses: [address('10.64.0.9', 32, '10.64.0.1')] }))).toEqual([
      'route 10.64.0.1/32 dev if2 metric 1 table 100',
      'route default dev if2 metric 1 table 100',
      'route default dev if2 metric 10 table 200',
    ]);
  });

  test('ROUT-1: reaches a gateway that lies in no network by a route of its own', () => {
    const path = { addresses: [address('2001:db8::2', 128)], gateway: '2001:db8:1::1' };
    expect(routesOf(intentWith(path, 'ipv6'))).toEqual([
      'route 2001:db8:1::1/128 dev if2 metric 1 table 100',
      'route -6 default via 2001:db8:1::1 dev if2 metric 1 table 100 onlink',
      'route -6 default via 2001:db8:1::1 dev if2 metric 10 table 200 onlink',
      'route 2001:db8:1::1/128 dev if2 metric 1 table 200',
    ]);
  });

  test('ROUT-1: a link-local gateway is on the link by nature', () => {
    const path = { addresses: [address('2001:db8::2', 64)], gateway: 'fe80::1' };
    expect(routesOf(intentWith(path, 'ipv6'))).toEqual([
      'route 2001:db8::/64 dev if2 metric 1 table 100',
      'route -6 default via fe80::1 dev if2 metric 1 table 100',
      'route -6 default via fe80::1 dev if2 metric 10 table 200',
    ]);
  });

  test('writes addresses as the kernel does, however they were spelt', () => {
    const path = { addresses: [address('2001:DB8:0::2', 64)], gateway: '2001:db8:0:0::1' };
    expect(JSON.stringify(desiredNetwork(intentWith(path, 'ipv6'), routing, tables))).not.toMatch(/DB8|:0:/u);
  });

  test('ROUT-3: an uplink that is not ranked keeps its own table and is in no ranking', () => {
    const intent = intentWith({ addresses: [address('192.0.2.2', 24)], gateway: '192.0.2.1' });
    expect(routesOf({ ...intent, ranking: { ipv4: [], ipv6: [] } }).join(' ')).not.toContain('table 200');
  });

  test('ROUT-7: monitor only: tables, no rules, and no setting but the one that probes need', () => {
    const intent = intentWith({ addresses: [address('192.0.2.2', 24)], gateway: '192.0.2.1' });
    const desired = desiredNetwork(intent, { ...routing, monitorOnly: true }, tables);
    expect(desired.routes).toHaveLength(4);
    expect(desired.rules).toEqual([]);
    expect(desired.settings.map(({ key }) => key)).toEqual(['rp_filter']);
  });

  test('ROUT-10: an uplink without a way out keeps its settings and what is bound to it', () => {
    const intent = { ...intentWith({}), ranking: { ipv4: [], ipv6: [] } };
    const without = { ...intent, uplinks: [{ index: 2, name: 'wwan0', paths: { ipv4: null, ipv6: null } }] };
    const desired = desiredNetwork(without, routing, tables);
    expect(desired.settings).toEqual(desiredNetwork(intent, routing, tables).settings);
    expect(desired.rules.map(({ outputInterface }) => outputInterface)).toContain('wwan0');
    expect(desired.routes).toEqual([]);
  });
});

describe('ROUT-2: the name servers of the active uplink have routes of their own', () => {
  const path = (own: string, gateway: string): UplinkPath => ({ addresses: [address(own, 24)], gateway });
  const intent: NetworkIntent = {
    uplinks: [
      { index: 2, name: 'usb0', paths: { ipv4: path('192.168.42.2', '192.168.42.129'), ipv6: null } },
      { index: 3, name: 'usb1', paths: { ipv4: path('192.168.42.3', '192.168.42.129'), ipv6: null } },
      { index: 4, name: 'eth0', paths: { ipv4: path('10.0.0.2', '10.0.0.1'), ipv6: null } },
    ],
    ranking: { ipv4: [3, 2, 4].map((index) => ({ index, isReachable: true })), ipv6: [] },
  };
  const hostRoutes = (...servers: readonly string[]): readonly string[] => {
    const known = new Map([3, 2].map((index) => [index, { servers, source: 'a test' }]));
    const { routes } = desiredNetwork(intent, routing, tables, known);
    return routes
      .filter(({ destination, table }) => destination.endsWith('/32') && table === 200)
      .map((route) => describeRoute(route, new Map()));
  };
  const gateway = 'route 192.168.42.129/32 dev if3 metric 1 table 200';

  test('on its link, where another uplink has the same network', () => {
    expect(hostRoutes('192.168.42.53')).toEqual([gateway, 'route 192.168.42.53/32 dev if3 metric 1 table 200']);
  });

  test('through its gateway, where the server would be looked for on the link of another', () => {
    expect(hostRoutes('10.0.0.53')).toEqual([
      gateway,
      'route 10.0.0.53/32 via 192.168.42.129 dev if3 metric 1 table 200',
    ]);
  });

  test('and none where the ranking leads there anyway, or the gateway is the server', () => {
    expect(hostRoutes('9.9.9.9', '192.168.42.129', '2001:db8::53')).toEqual([gateway]);
    expect(hostRoutes()).toEqual([gateway]);
  });
});
