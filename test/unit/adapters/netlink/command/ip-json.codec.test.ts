import { describe, expect, test } from 'vitest';
import {
  addressesFrom,
  type LinkNames,
  linksFrom,
  neighboursFrom,
  routesFrom,
} from '../../../../../src/adapters/netlink/command/ip-json.codec.ts';
import { type JsonObject, parseJson } from '../../../../../src/adapters/netlink/command/ip-json.ts';
import { rulesFrom } from '../../../../../src/adapters/netlink/command/ip-rule.codec.ts';

const names = (): LinkNames => ({
  indexes: new Map([
    ['lo', 1],
    ['u0', 11],
  ]),
  isIncomplete: false,
});
const json = (text: string): readonly JsonObject[] => parseJson(text) ?? [];

describe('Links by `ip -json`', () => {
  const text =
    '[{"ifindex":11,"link_index":11,"ifname":"u0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"master":"br0","link_type":"[1]","address":"9e:fa:10:8c:75:07","link_netnsid":0,"linkinfo":{"info_kind":"veth"}},' +
    '{"ifindex":3,"ifname":"tun0","flags":["POINTOPOINT","MULTICAST","NOARP"],"mtu":1500,"link_type":"[65534]","linkinfo":{"info_kind":"tun"}},' +
    '{"ifindex":4,"ifname":"br0","link":"u0","flags":["NO-CARRIER","BROADCAST","UP","LOWER_UP"],"mtu":1400,"link_type":"ether","address":"2e:4c:3f:1d:ac:fe"}]';

  test('flags, kind, type, lower and master link are read', () => {
    expect(linksFrom(json(text)).links).toEqual([
      {
        index: 11,
        name: 'u0',
        kind: 'veth',
        hardwareType: 1,
        isUp: true,
        hasCarrier: true,
        isLoopback: false,
        isPointToPoint: false,
        mtu: 1500,
        macAddress: '9e:fa:10:8c:75:07',
        lowerIndex: 11,
        masterIndex: 4,
      },
      {
        index: 3,
        name: 'tun0',
        kind: 'tun',
        hardwareType: 65_534,
        isUp: false,
        hasCarrier: false,
        isLoopback: false,
        isPointToPoint: true,
        mtu: 1500,
        macAddress: null,
        lowerIndex: 3,
        masterIndex: null,
      },
      expect.objectContaining({ index: 4, hardwareType: 1, isUp: true, hasCarrier: false, lowerIndex: 11, mtu: 1400 }),
    ]);
  });

  test('a name that no link has says that the names are out of date', () => {
    const found = linksFrom(json('[{"ifindex":4,"ifname":"br0","link":"gone","flags":[],"mtu":1500}]'));
    expect(found.names.isIncomplete).toBe(true);
  });

  test.each([
    ['[{"ifindex":4,"ifname":"it\\\'s","flags":[],"mtu":1}]', "it's"],
    ['[{"ifindex":4,"ifname":"a\u0001b","flags":[],"mtu":1}]', 'a\u0001b'],
    ['[{"ifindex":4,"ifname":"w\u00C3\u00A4n","flags":[],"mtu":1}]', 'wän'],
    ['[{"ifindex":4,"ifname":"a\u00FF","flags":[],"mtu":1}]', 'a\uDCFF'],
  ])('the name in %j is read', (line, name) => {
    expect(linksFrom(json(line)).links[0]?.name).toBe(name);
  });

  test.each(['', 'Object "link" is unknown', '{"ifindex":4}', '[{"ifindex":4', 'null'])('%j is no list', (line) => {
    expect(parseJson(line)).toBeNull();
  });
});

test('Addresses: peer, scope and the state of duplicate address detection are read, other families left out', () => {
  const text =
    '[{},{"ifindex":3,"addr_info":[{"family":"inet","local":"10.9.0.1","address":"10.9.0.2","prefixlen":32,"scope":"0"}]},' +
    '{"ifindex":11,"addr_info":[{"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"253","tentative":true},' +
    '{"family":"inet6","local":"2001:db8::1","prefixlen":64,"scope":"0","tentative":true,"optimistic":true,"deprecated":true},' +
    '{"family":"inet6","local":"2001:db8::2","prefixlen":64,"scope":"global","dadfailed":true}]}]';
  expect(addressesFrom('ipv4', json(text))).toMatchObject([
    { linkIndex: 3, address: '10.9.0.1', peer: '10.9.0.2', prefixLength: 32, scope: 'global' },
  ]);
  expect(addressesFrom('ipv6', json(text))).toMatchObject([
    { address: 'fe80::1', scope: 'link', isTentative: true },
    { address: '2001:db8::1', isTentative: false, isDeprecated: true },
    { address: '2001:db8::2', scope: 'global', isTentative: true },
  ]);
});

describe('Routes by `ip -json`', () => {
  test('on-link, by gateway, by a gateway of IPv6, of several ways, and leading nowhere', () => {
    const text =
      '[{"type":"1","dst":"default","gateway":"10.99.0.1","dev":"u0","table":"777","protocol":"144","scope":"0","metric":3,"flags":["onlink"]},' +
      '{"type":"1","dst":"10.1.0.0/24","dev":"u0","table":"254","protocol":"2","scope":"253","prefsrc":"10.1.0.2","flags":[]},' +
      '{"type":"1","dst":"10.78.0.0/16","via":{"family":"inet6","host":"fe80::1"},"dev":"u0","table":"254","protocol":"3","scope":"0","flags":[]},' +
      '{"type":"1","dst":"10.77.0.1","table":"254","protocol":"3","scope":"0","flags":[],"nexthops":[{"gateway":"10.1.0.1","dev":"u0","weight":1,"flags":[]},{"dev":"lo","weight":1,"flags":["onlink","linkdown"]}]},' +
      '{"type":"7","dst":"10.80.0.0/16","table":"254","protocol":"3","scope":"0","flags":[]}]';
    const routes = routesFrom('ipv4', json(text), names());
    expect(routes.map((hops) => hops.length)).toEqual([1, 1, 1, 2, 1]);
    expect(routes.flat()).toMatchObject([
      {
        table: 777,
        destination: '0.0.0.0/0',
        gateway: '10.99.0.1',
        linkIndex: 11,
        metric: 3,
        protocol: 144,
        isOnLink: true,
      },
      { table: 254, destination: '10.1.0.0/24', gateway: null, metric: 0, scope: 'link', preferredSource: '10.1.0.2' },
      { destination: '10.78.0.0/16', gateway: 'fe80::1' },
      { destination: '10.77.0.1/32', gateway: '10.1.0.1', linkIndex: 11, isOnLink: false },
      { destination: '10.77.0.1/32', gateway: null, linkIndex: 1, isOnLink: true },
      { type: 'unreachable', linkIndex: null },
    ]);
  });

  test('those for part of the traffic only are left out', () => {
    const text =
      '[{"type":"1","dst":"default","tos":"0x10","dev":"u0","table":"254","protocol":"3","scope":"0","flags":[]},' +
      '{"type":"1","dst":"default","from":"2001:db8::/48","dev":"u0","table":"254","protocol":"3","scope":"0","flags":[]}]';
    expect(routesFrom('ipv6', json(text), names())).toEqual([]);
  });
});

test('Rules: selectors are read, and those that are not named are told of', () => {
  const text =
    '[{"priority":0,"src":"all","table":"255","protocol":"2"},' +
    '{"priority":5,"src":"10.0.0.0","srclen":8,"dst":"1.1.1.1","fwmark":"0x10","fwmask":"0xff","iif":"lo","oif":"u0","oif_detached":null,"table":"5","suppress_prefixlen":0,"protocol":"144"},' +
    '{"priority":6,"src":"all","tos":"0x10","uid_start":0,"uid_end":1000,"sport":5,"table":"5","protocol":"0"},' +
    '{"priority":7,"not":null,"src":"10.0.0.1","goto":32766,"protocol":"0"},' +
    '{"priority":8,"src":"all","action":"6","protocol":"0"},{"priority":9,"src":"all","fwmark":"0x5","table":"77","protocol":"0"},' +
    '{"priority":13,"src":"all","nop":null,"protocol":"0"}]';
  expect(rulesFrom('ipv4', json(text))).toMatchObject([
    { priority: 0, action: 'lookup', table: 255, from: null, mark: null, mask: null, hasOtherSelectors: false },
    {
      from: '10.0.0.0/8',
      to: '1.1.1.1/32',
      mark: 16,
      mask: 255,
      inputInterface: 'lo',
      outputInterface: 'u0',
      suppressPrefixLength: 0,
      protocol: 144,
      hasOtherSelectors: false,
    },
    { priority: 6, hasOtherSelectors: true },
    { action: 'goto', table: 0, from: '10.0.0.1/32', hasOtherSelectors: true },
    { action: 'blackhole', hasOtherSelectors: false },
    { mark: 5, mask: 0xff_ff_ff_ff },
    { action: 'nop' },
  ]);
});

test('Neighbours: state, router and address are read; proxies are left out', () => {
  const text =
    '[{"dst":"10.1.0.78","dev":"u0","lladdr":"02:00:00:00:00:01","router":null,"state":["STALE"]},' +
    '{"dst":"10.1.0.55","dev":"u0","state":["FAILED"]},{"dst":"10.1.0.5","dev":"u0","proxy":null,"state":[]}]';
  expect(neighboursFrom('ipv4', json(text), names())).toEqual([
    {
      family: 'ipv4',
      linkIndex: 11,
      address: '10.1.0.78',
      macAddress: '02:00:00:00:00:01',
      state: 'stale',
      isRouter: true,
    },
    { family: 'ipv4', linkIndex: 11, address: '10.1.0.55', macAddress: null, state: 'failed', isRouter: false },
  ]);
});
