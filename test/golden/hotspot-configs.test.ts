import { expect, test } from 'vitest';
import { dnsmasqFiles } from '../../src/adapters/hotspot/dnsmasq.config.ts';
import { filterRuleset, type Hosts } from '../../src/adapters/hotspot/filter.ruleset.ts';
import { hostapdFiles } from '../../src/adapters/hotspot/hostapd.config.ts';
import type { AccessPointPart, FilterPart, NamesPart } from '../../src/model/hotspot-parts.ts';

const point: AccessPointPart = {
  kind: 'accessPoint',
  interface: 'wlan0',
  ssid: 'Café "5" 📶\\',
  country: 'DE',
  channel: 6,
  security: 'wpa2Wpa3Mixed',
  key: 2,
  previousKey: null,
  maxClients: 10,
  isIsolated: true,
};
const newest = { number: 2, passphrase: 'k7wm-2hxa-9tqe-dz4n' };
const former = { number: 1, passphrase: 'a2bc-d3ef-g4hj-k5mn' };
const places = { control: '/run/backhauld/hotspot/hostapd', pskFile: '/run/backhauld/hotspot/hostapd.psk' };

const shown = ({ config, pskFile }: ReturnType<typeof hostapdFiles>): string =>
  pskFile === null ? config : `${config}\n# ${places.pskFile}\n${pskFile}`;

const points: readonly (readonly [string, string])[] = [
  ['mixed', shown(hostapdFiles(point, [newest], places))],
  ['open', shown(hostapdFiles({ ...point, security: 'open', isIsolated: false }, [], places))],
  ['wpa2', shown(hostapdFiles({ ...point, security: 'wpa2Psk' }, [newest], places))],
  ['wpa3-5ghz', shown(hostapdFiles({ ...point, security: 'wpa3Sae', channel: 36 }, [newest], places))],
  [
    'overlap',
    shown(
      hostapdFiles({ ...point, previousKey: 1 }, [newest, former], places, [
        { macAddress: '02:00:00:00:01:00', passphrase: former.passphrase },
      ]),
    ),
  ],
];

test.each(points)('SECU-1: hostapd is given this: %s', async (name, text) => {
  await expect(text).toMatchFileSnapshot(`expected/hostapd-${name}.conf`);
});

const filter: FilterPart = {
  kind: 'filter',
  interface: 'wlan0',
  address: { ipv4: '192.168.50.1', ipv6: 'fd00:1:2:3::1' },
  network: { ipv4: '192.168.50.0/24', ipv6: 'fd00:1:2:3::/64' },
  upstream: { ipv4: 11, ipv6: 12 },
  uplinks: [
    { index: 11, name: 'eth0' },
    { index: 12, name: 'wwan0' },
  ],
  isIsolated: true,
  services: ['tcp/22', 'udp/5353'],
  allowed: ['192.168.1.0/24', 'fd00:9::/64'],
  neighbours: ['198.51.100.0/24', '2001:db8:101::/64'],
};
const hosts: Hosts = { ipv4: [11, 12], ipv6: true };
const filters: readonly (readonly [string, FilterPart, Hosts])[] = [
  ['both-families', filter, hosts],
  ['no-way-out', { ...filter, upstream: { ipv4: null, ipv6: null }, services: [] }, hosts],
  [
    'ipv4-only-not-isolated',
    {
      ...filter,
      address: { ipv4: '192.168.50.1', ipv6: null },
      network: { ipv4: '192.168.50.0/24', ipv6: null },
      upstream: { ipv4: 11, ipv6: null },
      isIsolated: false,
    },
    { ipv4: [], ipv6: false },
  ],
];

test.each(filters)('AP-3: nft is given this: %s', async (name, part, its) => {
  await expect(filterRuleset(part, its)).toMatchFileSnapshot(`expected/hotspot-${name}.nft`);
});

const names: NamesPart = {
  kind: 'names',
  interface: 'wlan0',
  address: { ipv4: '192.168.50.1', ipv6: 'fd00:1:2:3::1' },
  prefixLength: 24,
  dhcpStart: '192.168.50.100',
  dhcpEnd: '192.168.50.200',
  localDomain: 'local',
  hasWayOut: false,
  servers: [],
  countsClients: false,
  isIsolated: true,
};
const namings: readonly (readonly [string, NamesPart, string])[] = [
  ['no-way-out', names, 'Node-7'],
  [
    'way-out',
    {
      ...names,
      hasWayOut: true,
      servers: ['192.0.2.53', 'fe80::1%eth0', '192.0.2.54\naddress=/#/192.0.2.66', '/bank.example/192.0.2.66'],
    },
    'not a name!',
  ],
  [
    'bridge',
    {
      ...names,
      interface: 'br0',
      countsClients: true,
      isIsolated: false,
      prefixLength: 20,
      address: { ipv4: '10.8.0.1', ipv6: null },
      hasWayOut: true,
    },
    'localhost',
  ],
];

test.each(namings)('AP-4: dnsmasq is given this: %s', async (name, part, hostName) => {
  const at = '/run/backhauld/hotspot';
  const places = { hosts: `${at}/hosts`, servers: `${at}/servers`, leases: `${at}/leases` };
  const { config, hosts, servers } = dnsmasqFiles(part, places, hostName);
  const text = `${config}\n# ${places.hosts}\n${hosts}\n# ${places.servers}\n${servers}`;
  await expect(text).toMatchFileSnapshot(`expected/dnsmasq-${name}.conf`);
});
