import { expect, test } from 'vitest';
import { dnsmasqFiles } from '../../../../src/adapters/hotspot/dnsmasq.config.ts';
import type { NamesPart } from '../../../../src/model/hotspot-parts.ts';

const part: NamesPart = {
  kind: 'names',
  interface: 'wl,0',
  address: { ipv4: '192.0.2.1', ipv6: null },
  prefixLength: 24,
  dhcpStart: '192.0.2.10',
  dhcpEnd: '192.0.2.20',
  localDomain: 'local',
  isIsolated: true,
  countsClients: false,
  hasWayOut: true,
  servers: [],
};
const lines = (name: string): readonly string[] =>
  dnsmasqFiles({ ...part, interface: name }, { hosts: '/h', servers: '/s', leases: '/l' }, 'node').config.split('\n');

test('an interface with a comma in its name is one interface', () => {
  expect(lines('wl,0')).toContain('interface="wl,0"');
  expect(lines('wlan0')).toContain('interface=wlan0');
});
