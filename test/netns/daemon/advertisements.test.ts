import { expect, test } from 'vitest';
import type { Status } from '../../../src/model/status.ts';
import { interfaceOf, nodeAddress, Site } from './site.ts';

const before = /^2001:db8:101:/u;
const after = /^2001:db8:201:/u;

const isHealthy = (status: Status, name: string): boolean => interfaceOf(status, name)?.verdict.ipv6 === 'healthy';
const firstAddress = (status: Status, name: string): string =>
  interfaceOf(status, name)?.ipv6Addresses[0]?.address ?? 'none';

/** IPv4 is an administrator's, IPv6 the routers' of eth0 and wlan0: a node that takes their advertisements. */
async function begin(): Promise<Site> {
  const site = await Site.create({ addressed: false });
  const { node } = site;
  // The kernel forgets a route that has run out when it tidies up, which is every half a minute.
  await node.sysctl('net.ipv6.route.gc_interval=1');
  for (const { name, number, metric } of [
    { name: 'eth0', number: 101, metric: 100 },
    { name: 'wlan0', number: 102, metric: 200 },
  ]) {
    await node.sysctl(`net.ipv6.conf.${name}.accept_ra=1`);
    await node.ip(
      // Coming up, the node asks for an advertisement.
      `link set ${name} down`,
      `link set ${name} up`,
      `address add ${nodeAddress(number)}/24 dev ${name}`,
      `route add default via 192.168.${number}.1 dev ${name} metric ${metric}`,
    );
  }
  await site.begin();
  await site.until((now) => isHealthy(now, 'eth0') && isHealthy(now, 'wlan0'), 'both are healthy', 20_000);
  await site.until(({ active }) => active.ipv6?.iface === 'eth0', 'eth0 carries IPv6', 20_000);
  await site.untilActive('eth0');
  await site.untilDone();
  return site;
}

/** The source of what leaves for the far host now, as the kernel tells. */
const sourceOf = async (site: Site): Promise<string> =>
  /src (\S+)/u.exec(await site.node.exec('ip', ['-6', 'route', 'get', '2001:db8:ffff::10']))?.[1] ?? 'none';

test('TETH-2: a prefix that a router replaces by another is followed: probes, tables and traffic leave from the new one, and nothing moves', async () => {
  await using site = await begin();
  const { routerNamespace: router } = site.lab.uplink('eth0');
  const meter = await site.lab.meter({ family: 'ipv6' });
  await meter.until(({ uplink, silentMs }) => uplink === 'eth0' && silentMs < 5, 'traffic flows by eth0');
  const status = await site.daemon.status();
  expect(firstAddress(status, 'eth0')).toMatch(before);
  const switches = site.switches().length;
  meter.reset();
  await site.lab.internet.ip('route add 2001:db8:201::/64 via fd00:101::2');
  const start = performance.now();
  // dnsmasq announces the new one, and the old one as deprecated for as long as it was promised. It is still forwarded.
  await router.ip(
    'route add 2001:db8:101::/64 dev lan metric 2000',
    'address add 2001:db8:201::1/64 dev lan',
    'address delete 2001:db8:101::1/64 dev lan',
  );
  await site.until((now) => after.test(firstAddress(now, 'eth0')), 'the new address is the first', 20_000);
  console.log(`the new prefix was the first after ${(performance.now() - start).toFixed(0)} ms`);
  await site.until((now) => isHealthy(now, 'eth0'), 'eth0 is healthy by it', 20_000);
  await site.untilDone();
  const address = firstAddress(await site.daemon.status(), 'eth0');
  expect(await sourceOf(site)).toBe(address);
  expect((await site.own()).join('\n')).toContain(`from ${address}`);
  // The far host tells ways by the prefix: it has seen it change, once.
  expect(await meter.report()).toMatchObject({ lost: 0, switches: 1 });
  // The provider takes the old one away for good: nothing is left that needs it.
  await router.nft('insert rule inet lab forward ip6 saddr 2001:db8:101::/64 drop');
  await meter.close();
  const later = await site.lab.meter({ family: 'ipv6' });
  await later.until(({ received }) => received > 3000, 'new traffic flows for three seconds');
  expect(await later.report()).toMatchObject({ lost: 0, switches: 0 });
  expect(isHealthy(await site.daemon.status(), 'eth0')).toBe(true);
  expect(site.switches()).toHaveLength(switches);
  expect(await site.stop()).toMatchObject({ code: 0 });
});

test('TETH-2: a router that is none any more, or is silent for longer than it promised, carries no IPv6; IPv4 stays', async () => {
  await using site = await begin();
  const eth0 = site.lab.uplink('eth0');
  const start = performance.now();
  await eth0.serve('--ra-param=lan,4,0');
  const moved = await site.until(({ active }) => active.ipv6?.iface === 'wlan0', 'wlan0 carries IPv6', 20_000);
  console.log(`moved after ${(performance.now() - start).toFixed(0)} ms`);
  expect(moved.active.ipv4?.iface).toBe('eth0');
  expect(interfaceOf(moved, 'eth0')).toMatchObject({ usable: { ipv4: true, ipv6: false }, gateways: { ipv6: null } });
  await eth0.serve('--ra-param=lan,4,8');
  await site.until(({ active }) => active.ipv6?.iface === 'eth0', 'eth0 carries IPv6 again', 20_000);
  // It forwards all the same: it is silent, and that is all.
  await eth0.routerNamespace.nft(
    'add chain inet lab output { type filter hook output priority 0; }',
    'add rule inet lab output icmpv6 type nd-router-advert drop',
  );
  const silent = await site.until(({ active }) => active.ipv6?.iface === 'wlan0', 'wlan0 carries IPv6', 30_000);
  expect(silent.active.ipv4?.iface).toBe('eth0');
  expect(site.switches().slice(2)).toEqual(['eth0 → wlan0', 'wlan0 → eth0', 'eth0 → wlan0']);
  expect(await site.stop()).toMatchObject({ code: 0 });
});
