import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenBack, interfaceOf, quick, Site } from './site.ts';
import { answers, hop, isCheap } from './ways.ts';

describe('DISC: a network that changes under the daemon', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.create({ addressed: false });
    await site.node.ip(
      'link add br0 type bridge',
      'link add veth7 type veth peer name veth8',
      'link add docker0 type bridge',
      'link set br0 up',
      'link set docker0 up',
      'link set veth7 up',
      'link set veth8 up',
      'address add 10.1.1.1/24 dev br0',
      'address add 10.1.2.1/24 dev veth7',
      'address add 10.1.3.1/24 dev docker0',
      'tuntap add tun3 mode tun',
      'address add 10.1.4.1/24 dev tun3',
      'link set tun3 up',
    );
    await site.begin();
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });

  test('DISC-4: loopback, bridges, tunnels and veth pairs are no uplinks, unless one is called like one', async () => {
    const { interfaces, active } = await site.daemon.status();
    expect(interfaces.map(({ name }) => name)).toEqual(['eth0', 'wlan0', 'wwan0']);
    expect(interfaces.map(({ type }) => type)).toEqual(['ethernet', 'wifi', 'lteModem']);
    expect(interfaces.map(({ notCandidateBecause }) => notCandidateBecause)).toEqual(
      interfaces.map(() => 'it has no address of global scope'),
    );
    expect(active).toEqual({ ipv4: null, ipv6: null });
    expect(await site.daemon.plan()).toEqual([]);
  });

  test('DISC-5: an address and a route that come late make a candidate', async () => {
    await site.node.ip('address add 192.168.101.2/24 dev eth0');
    const addressed = await site.until((now) => interfaceOf(now, 'eth0')?.candidate === true, 'eth0 is a candidate');
    expect(interfaceOf(addressed, 'eth0')?.usable.ipv4).toBe(false);
    await site.node.ip('route add default via 192.168.101.1 dev eth0 metric 100');
    await site.untilActive('eth0');
    await site.until((now) => interfaceOf(now, 'eth0')?.verdict.ipv4 === 'healthy', 'it is healthy');
  });

  test('DISC-6: a gateway that was learned is used after its route was deleted, and after its address was renewed', async () => {
    await site.node.ip('route delete default via 192.168.101.1 dev eth0 metric 100');
    await site.node.exec('ip', [
      'address',
      'change',
      '192.168.101.2/24',
      'dev',
      'eth0',
      'valid_lft',
      '600',
      'preferred_lft',
      '600',
    ]);
    expect(await answers(site.node, '1.1.1.1')).toBe(true);
    expect(await hop(site.node, 'ipv4')).toBe('192.168.101.1');
    const status = await site.daemon.status();
    expect(interfaceOf(status, 'eth0')).toMatchObject({ gateways: { ipv4: '192.168.101.1' }, usable: { ipv4: true } });
  });

  test('DISC-6: an uplink with IPv6 alone, by router advertisement', async () => {
    await site.node.sysctl('net.ipv6.conf.wlan0.accept_ra=1');
    // Coming up, the node asks for an advertisement.
    await site.node.ip('link set wlan0 down', 'link set wlan0 up');
    const status = await site.until(
      (now) => interfaceOf(now, 'wlan0')?.verdict.ipv6 === 'healthy',
      'wlan0 is healthy',
      15_000,
    );
    expect(interfaceOf(status, 'wlan0')).toMatchObject({ usable: { ipv4: false, ipv6: true } });
    expect(interfaceOf(status, 'wlan0')?.gateways.ipv6).toMatch(/^fe80:/u);
    expect(status.active).toMatchObject({ ipv4: { iface: 'eth0' }, ipv6: { iface: 'wlan0' } });
    expect(await hop(site.node, 'ipv6')).toBe('2001:db8:102::1');
    expect(await answers(site.node, '-I', 'wlan0', '2606:4700:4700::1111')).toBe(true);
  });

  test('DISC-6: a gateway outside the subnet of its uplink is used when a route goes by it, and reported', async () => {
    await site.node.ip(
      'address add 192.168.103.2/32 dev wwan0',
      'route add 192.168.103.1 dev wwan0 scope link',
      'route add default via 192.168.103.1 dev wwan0 metric 300',
    );
    // The router knows its client as any other.
    const status = await site.until((now) => interfaceOf(now, 'wwan0')?.verdict.ipv4 === 'healthy', 'wwan0 is healthy');
    expect(status.problems).toMatchObject([{ code: 'uplink.gatewayOutsideSubnet', subject: 'wwan0' }]);
    await site.pin('wwan0');
    expect(await hop(site.node, 'ipv4')).toBe('192.168.103.1');
    await site.pin(null);
  });

  test('DISC-5: an interface that is deleted is forgotten at once, with all that led to it', async () => {
    await site.pin('wwan0');
    await site.node.ip('link delete wwan0');
    const status = await site.until((now) => interfaceOf(now, 'wwan0') === undefined, 'wwan0 is gone');
    expect(status.active.ipv4?.iface).toBe('eth0');
    expect(status.problems.map(({ code }) => code)).toEqual(['uplink.pinUnreachable']);
    expect((await site.own()).join('\n')).not.toMatch(/wwan0|192\.168\.103/u);
    expect(await answers(site.node, '1.1.1.1')).toBe(true);
    await site.daemon.pin(null);
  });

  test('ROUT-8: at the end nothing of backhauld is left', async () => {
    expect(await site.daemon.stop()).toBe(0);
    expect(await site.own()).toEqual([]);
  });
});

test('DISC-4, DISC-6: a point-to-point link that the configuration includes needs no gateway', async () => {
  await using site = await Site.create();
  const { routerNamespace } = site.lab.uplink('wwan0');
  const program = fileURLToPath(new URL('point-to-point.ts', import.meta.url));
  const wire = site.node.spawn(process.execPath, [program, 'ppp0', 'ppp1']);
  await wire.line((line) => line === 'ready');
  await site.node.ip(
    `link set ppp1 netns ${routerNamespace.name}`,
    'address add 10.64.0.2 peer 10.64.0.1/32 dev ppp0',
    'link set ppp0 up',
  );
  await routerNamespace.ip('address add 10.64.0.1 peer 10.64.0.2/32 dev ppp1', 'link set ppp1 up');
  const meter = await site.lab.meter();
  const status = await site.start(`${quick}\n[interfaces]\ninclude = ["eth0", "ppp*"]\n`);
  expect(status.interfaces.map(({ name, type }) => `${name} ${type}`).toSorted()).toEqual([
    'eth0 ethernet',
    'ppp0 lteModem',
  ]);
  expect(interfaceOf(status, 'ppp0')).toMatchObject({ gateways: { ipv4: null }, verdict: { ipv4: 'healthy' } });
  await site.pin('ppp0');
  await meter.until(({ uplink, silentMs }) => uplink === 'wwan0' && silentMs < 20, 'traffic by the router of ppp0');
  await site.pin('eth0');
  expect((await meter.report()).lost).toBe(0);
  expect(await site.stop()).toEqual(givenBack);
});

test('DISC-4: what the configuration leaves out is not looked at, whatever it is called', async () => {
  await using site = await Site.create();
  const status = await site.start(`${quick}\n[interfaces]\nexclude = ["eth*", "wlan?"]\n`);
  expect(status.interfaces.map(({ name }) => name)).toEqual(['wwan0']);
  expect((await site.own()).join('\n')).not.toMatch(/eth0|wlan0/u);
  expect(await hop(site.node, 'ipv4')).toBe('192.168.103.1');
  expect(await site.stop()).toEqual(givenBack);
});

test('DISC-7: entered without a /sys of its own, it says so and works all the same', async () => {
  await using site = await Site.create();
  const meter = await site.lab.meter();
  const status = await site.start(quick, { how: 'enter' });
  expect(status.problems.map(({ code }) => code)).toEqual(['sysfs.foreign']);
  expect(status.interfaces.map(({ name, hasCarrier }) => [name, hasCarrier])).toEqual([
    ['eth0', true],
    ['wlan0', true],
    ['wwan0', true],
  ]);
  await site.untilActive('eth0');
  await meter.report();
  meter.reset();
  await site.lab.uplink('eth0').pull();
  await site.untilActive('wlan0');
  expect(isCheap(await meter.report())).toBe(true);
  await site.lab.uplink('eth0').plug();
  await site.lab.uplink('eth0').untilCarrier(true);
  expect(await site.stop()).toEqual(givenBack);
});
