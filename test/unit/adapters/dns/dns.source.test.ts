import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDnsSource } from '../../../../src/adapters/dns/dns.source.ts';
import { memoryDnsJournal } from '../../../fakes/dns-places.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dns-source-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(root + path), { recursive: true });
  writeFileSync(root + path, text);
}
const journal = memoryDnsJournal();
const serversOf = async (name = 'eth0', configured: readonly string[] = []) =>
  createDnsSource({ configured: () => configured, journal, root }).serversOf(11, name);

describe('ROUT-9: the name servers of a link come from', () => {
  test('the configuration, whatever others say', async () => {
    put('/run/systemd/netif/leases/11', 'DNS=192.0.2.1\n');
    expect(await serversOf('eth0', ['198.51.100.1', '2001:DB8::0:1'])).toEqual({
      servers: ['198.51.100.1', '2001:db8::1'],
      source: 'the configuration',
      refused: [],
    });
  });

  test('the lease that backhauld holds, unless the configuration names any', async () => {
    put('/run/systemd/netif/leases/11', 'DNS=192.0.2.1\n');
    const leased = (index: number) => (index === 11 ? ['192.0.2.53', '$(reboot)'] : []);
    const source = createDnsSource({ configured: () => [], leased, journal, root });
    expect(await source.serversOf(11, 'eth0')).toEqual({
      servers: ['192.0.2.53'],
      source: 'the lease',
      refused: ['$(reboot)'],
    });
    expect((await source.serversOf(12, 'eth1')).servers).toEqual([]);
    const asked = createDnsSource({ configured: () => ['198.51.100.1'], leased, journal, root });
    expect((await asked.serversOf(11, 'eth0')).source).toBe('the configuration');
  });

  test.each([
    [
      'systemd-resolved',
      '/run/systemd/resolve/netif/11',
      'LLMNR=yes\nSERVERS=192.0.2.1#a.example fe80::1%11\nDOMAINS=lan\n',
      ['192.0.2.1', 'fe80::1%eth0'],
    ],
    ['systemd-resolved', '/run/systemd/netif/links/11', 'ADMIN_STATE=configured\nDNS=192.0.2.2\n', ['192.0.2.2']],
    [
      'systemd-networkd',
      '/run/systemd/netif/leases/11',
      'ADDRESS=192.0.2.9\nDNS=192.0.2.3 192.0.2.4\n',
      ['192.0.2.3', '192.0.2.4'],
    ],
    ['resolvconf', '/run/resolvconf/interface/eth0.dhclient', 'search lan\nnameserver 192.0.2.5\n', ['192.0.2.5']],
    ['resolvconf', '/run/resolvconf/interfaces/eth0', 'nameserver 192.0.2.6\n', ['192.0.2.6']],
    ['dhcpcd', '/run/dhcpcd/hook-state/resolv.conf/eth0.ra', 'nameserver 2001:db8::53\n', ['2001:db8::53']],
    ['resolv.conf', '/etc/resolv.conf', 'nameserver 192.0.2.8 # wlan0\nnameserver 192.0.2.7 # eth0\n', ['192.0.2.7']],
  ])('%s, which writes %s', async (source, path, text, servers) => {
    mkdirSync(`${root}/proc/sys/net/ipv4/conf/eth0`, { recursive: true });
    put(path, text);
    expect(await serversOf()).toEqual({ servers, source, refused: [] });
  });

  test('the last lease of dhclient for this link, of each protocol', async () => {
    put(
      '/var/lib/dhcp/dhclient.leases',
      `lease {\n  interface "eth0";\n  option domain-name-servers 192.0.2.1;\n}\n` +
        `lease {\n  interface "eth0";\n  option domain-name-servers 192.0.2.2,192.0.2.3;\n  expire 1 2026/01/05;\n}\n` +
        `lease {\n  interface "wlan0";\n  option domain-name-servers 192.0.2.4;\n}\n` +
        `lease6 {\n  interface "eth0";\n  option dhcp6.name-servers 2001:db8::53;\n}\n`,
    );
    expect(await serversOf()).toMatchObject({
      servers: ['192.0.2.2', '192.0.2.3', '2001:db8::53'],
      source: 'dhclient',
    });
  });

  test('nobody, when nobody has written any down', async () => {
    expect(await serversOf()).toEqual({ servers: [], source: null, refused: [] });
  });
});

test("ROUT-9: backhauld's own record is no evidence, and what it wrote over is read from its journal", async () => {
  put('/run/resolvconf/interface/lo.eth0.backhauld', 'nameserver 192.0.2.1\n');
  put('/run/resolvconf/interface/eth0.backhauld', 'nameserver 192.0.2.1\n');
  put('/etc/resolv.conf', '# Written by backhauld\nnameserver 192.0.2.1 # eth0\n');
  const place = { manager: 'file', linkIndex: 0, name: '/etc/resolv.conf' } as const;
  journal.put({ ...place, before: 'nameserver 192.0.2.2 # eth0\n', written: ['x'] });
  expect(await serversOf()).toMatchObject({ servers: ['192.0.2.2'], source: 'resolv.conf' });
  journal.remove({ ...place, before: null, written: [] });
});

test('ROUT-9: what is no literal address of a name server is left out and named', async () => {
  put(
    '/run/systemd/netif/leases/11',
    `DNS=127.0.0.1 0.0.0.0 ns.example.net $(reboot) 192.0.2.1%eth0 ff02::1 1.2.3 \u0007x ${'9'.repeat(300)} 192.0.2.1 192.0.2.1\n`,
  );
  const { servers, refused } = await serversOf();
  expect(servers).toEqual(['192.0.2.1']);
  expect(refused.slice(0, 7)).toEqual([
    '127.0.0.1',
    '0.0.0.0',
    'ns.example.net',
    '$(reboot)',
    '192.0.2.1%eth0',
    'ff02::1',
    '1.2.3',
  ]);
  expect(refused.at(-1)).toBe('?x');
});

test.each(['../etc', 'a/b', '..'])('a link called %s leads to no file', async (name) => {
  put('/run/resolvconf/interface/passwd', 'nameserver 192.0.2.1\n');
  expect(await serversOf(name)).toMatchObject({ servers: [] });
});

test('a file that is huge, a directory, or a link to itself tells nothing', async () => {
  put('/run/systemd/netif/leases/11', 'DNS=192.0.2.1\n');
  truncateSync(`${root}/run/systemd/netif/leases/11`, 1e9);
  mkdirSync(`${root}/run/resolvconf/interface/eth0.a`, { recursive: true });
  symlinkSync('eth0.b', `${root}/run/resolvconf/interface/eth0.b`);
  expect(await serversOf()).toMatchObject({ servers: [] });
});
