import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SettingRecord } from '../../../src/model/network.ts';
import { givenBack, interfaceOf, problemCodes, quick, Site } from './site.ts';
import { answers } from './ways.ts';

const often = `${quick}\n[discovery]\nresyncInterval = "1s"\n`;
const read = async (site: Site, name: string): Promise<string> => (await site.node.exec('sysctl', ['-n', name])).trim();

interface StateFile {
  readonly data: readonly { readonly records: readonly SettingRecord[] }[];
}
/** What is on disk: the values from before. */
const recorded = (site: Site): readonly SettingRecord[] => {
  const text = readFileSync(join(site.daemon.socket, '..', 'state', 'settings.json'), 'utf8');
  return (JSON.parse(text) as StateFile).data.flatMap(({ records }) => records);
};

test('ROUT-10: what must be different is recorded, set, and put back; what another sets meanwhile is left to them', async () => {
  // No router advertises anything: what an advertisement brings is the kernel's, and stays.
  const uplinks = ['eth0', 'wlan0', 'wwan0'].map((name, i) => ({
    name,
    number: 101 + i,
    metric: i + 1,
    hasIpv6: false,
  }));
  await using site = await Site.create({ uplinks });
  await site.node.sysctl(
    'net.ipv4.conf.eth0.rp_filter=1',
    'net.ipv4.conf.wlan0.rp_filter=0',
    'net.ipv6.conf.eth0.accept_ra=1',
    'net.ipv6.conf.all.forwarding=1',
  );
  await site.start(often);
  expect(await read(site, 'net.ipv4.conf.eth0.rp_filter')).toBe('2');
  expect(await read(site, 'net.ipv4.conf.wlan0.rp_filter')).toBe('0');
  expect(await read(site, 'net.ipv6.conf.eth0.accept_ra')).toBe('2');
  expect(await read(site, 'net.ipv6.conf.wwan0.ignore_routes_with_linkdown')).toBe('1');
  const filters = recorded(site).filter(({ key }) => key === 'rp_filter');
  expect(filters).toMatchObject([{ interface: 'eth0', before: '1', written: '2' }]);

  await site.node.sysctl('net.ipv4.conf.wlan0.arp_announce=1');
  const status = await site.until((now) => now.problems.length > 0, 'the conflict is reported');
  expect(problemCodes(status)).toEqual(['kernel.conflict']);
  expect(status.problems[0]?.subject).toContain('arp_announce');
  expect(await read(site, 'net.ipv4.conf.wlan0.arp_announce')).toBe('1');
  expect(await site.stop()).toEqual({
    code: 0,
    changes: ['- net.ipv4.conf.wlan0.arp_announce = 0', '+ net.ipv4.conf.wlan0.arp_announce = 1'],
  });
});

test('ROUT-10, DISC-5: an interface that is deleted and made anew, under load, is a new one and gets its settings', async () => {
  await using site = await Site.create();
  await site.start();
  const before = interfaceOf(await site.daemon.status(), 'wwan0')?.ifindex;
  const { routerNamespace, plan } = site.lab.uplink('wwan0');
  await site.node.ip('link delete wwan0');
  await site.until((status) => interfaceOf(status, 'wwan0') === undefined, 'wwan0 is gone');
  expect((await site.own()).join('\n')).not.toContain('wwan0');

  await site.node.ip(`link add wwan0 type veth peer name lan netns ${routerNamespace.name}`, 'link set wwan0 up');
  await routerNamespace.ip(
    'address add 192.168.103.1/24 dev lan',
    'address add 2001:db8:103::1/64 dev lan nodad',
    'link set lan up',
  );
  await site.node.sysctl('net.ipv4.conf.wwan0.rp_filter=1');
  await site.address(plan);
  const status = await site.until(
    (now) => interfaceOf(now, 'wwan0')?.verdict.ipv6 === 'healthy',
    'wwan0 is healthy again',
  );
  expect(interfaceOf(status, 'wwan0')?.ifindex).not.toBe(before);
  expect(await read(site, 'net.ipv4.conf.wwan0.rp_filter')).toBe('2');
  expect(await answers(site.node, '-I', 'wwan0', '1.1.1.1')).toBe(true);
  expect(await site.daemon.plan()).toEqual([]);

  expect(await site.daemon.stop()).toBe(0);
  expect(await site.own()).toEqual([]);
  expect(await read(site, 'net.ipv4.conf.wwan0.rp_filter')).toBe('1');
  expect(await read(site, 'net.ipv4.conf.wwan0.arp_announce')).toBe('0');
});

test('ROUT-10, DISC-5: a renamed interface is a new one, and its settings are put back under the new name', async () => {
  await using site = await Site.create();
  await site.start();
  const { plan } = site.lab.uplink('eth0');
  await site.node.ip('link set eth0 down', 'link set eth0 name eth7', 'link set eth7 up');
  await site.node.ip('address delete 192.168.101.2/24 dev eth7');
  await site.node.exec('ip', ['-6', 'address', 'flush', 'dev', 'eth7', 'scope', 'global']);
  await site.address({ ...plan, name: 'eth7' });
  const status = await site.until((now) => interfaceOf(now, 'eth7')?.verdict.ipv6 === 'healthy', 'eth7 is healthy');
  expect(interfaceOf(status, 'eth0')).toBeUndefined();
  await site.untilActive('eth7');
  expect((await site.own()).join('\n')).not.toMatch(/\beth0\b/u);
  expect(await answers(site.node, '-I', 'eth7', '1.1.1.1')).toBe(true);
  await site.node.ip(
    'link set eth7 down',
    'link set eth7 name eth0',
    'link set eth0 up',
    'address flush dev eth0 scope global',
  );
  await site.address(plan);
  await site.untilActive('eth0');
  const { changes, code } = await site.stop();
  expect(code).toBe(0);
  expect(changes).toEqual(givenBack.changes);
});
