import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { families } from '../../../src/model/family.ts';
import { interfaceOf, problemCodes, quick, Site } from './site.ts';

describe('HLTH, SEL: what probes find out', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.create();
    await site.start();
    await site.untilActive('eth0');
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });
  const backTo = async (name: string): Promise<void> => {
    const isBack = ({ active }: Awaited<ReturnType<Site['daemon']['status']>>) =>
      active.ipv4?.iface === name && active.ipv6?.iface === name && active.ipv4.state === 'up';
    await site.until(isBack, `back to ${name}`, 15_000);
  };

  test('HLTH-4: a target that is dead everywhere is blamed, in each family by itself, and nothing moves', async () => {
    const switches = site.switches().length;
    const dead = ['1.1.1.1', '2606:4700:4700::1111'];
    await Promise.all(dead.map(async (address) => site.lab.target(address).kill()));
    const status = await site.until(({ blamedTargets }) => blamedTargets.length === 2, 'both are blamed');
    expect(status.blamedTargets.map(({ target, family }) => `${family} ${target}`).toSorted()).toEqual([
      'ipv4 tcp://1.1.1.1:53',
      'ipv6 tcp://[2606:4700:4700::1111]:53',
    ]);
    expect(problemCodes(status)).toEqual(['probe.targetBlamed', 'probe.targetBlamed']);
    for (const one of status.interfaces) expect(one.stats.ipv4.packetLossPercent).toBe(0);
    await Promise.all(dead.map(async (address) => site.lab.target(address).revive()));
    await site.until(({ blamedTargets }) => blamedTargets.length === 0, 'both are cleared');
    expect(site.switches().slice(switches)).toEqual([]);
  });

  test('HLTH-3: with IPv6 alone broken behind an uplink, IPv6 alone moves', async () => {
    const { routerNamespace } = site.lab.uplink('eth0');
    await routerNamespace.nft('add rule inet lab forward meta nfproto ipv6 drop');
    const status = await site.until(({ active }) => active.ipv6?.iface === 'wlan0', 'IPv6 moves');
    expect(status.active.ipv4?.iface).toBe('eth0');
    expect(interfaceOf(status, 'eth0')).toMatchObject({ verdict: { ipv4: 'healthy', ipv6: 'failed' }, state: 'up' });
    await site.lab.uplink('eth0').blackhole(false);
    await backTo('eth0');
  });

  test('SEL-4: a pin is passed over loudly while its uplink is not reachable, and taken again when it is', async () => {
    await site.pin('wwan0');
    await site.lab.uplink('wwan0').blackhole(true);
    const passed = await site.until(({ active }) => active.ipv4?.iface === 'eth0', 'wwan0 is passed over');
    expect(passed.pinned).toBe('wwan0');
    await site.until((now) => problemCodes(now).includes('uplink.pinUnreachable'), 'and that is said');
    expect((await site.backhauld('status')).output).toMatch(/wwan0 is pinned, but/u);
    await site.lab.uplink('wwan0').blackhole(false);
    const taken = await site.until(
      (now) => families.every((family) => now.active[family]?.iface === 'wwan0') && problemCodes(now).length === 0,
      'it is taken again by both families',
      15_000,
    );
    expect(taken.active.ipv4?.rule).toBe('pinned');
    await site.pin(null);
    await backTo('eth0');
  });

  test('SEL-3: with no uplink reachable the incumbent stays, until its carrier goes', async () => {
    const all = site.lab.uplinks;
    await Promise.all(all.map(async (uplink) => uplink.blackhole(true)));
    const dark = await site.until(
      ({ interfaces }) => interfaces.every(({ verdict }) => verdict.ipv4 === 'failed' && verdict.ipv6 === 'failed'),
      'all have failed',
      15_000,
    );
    const incumbent = dark.active.ipv4?.iface ?? '';
    expect(incumbent).not.toBe('');
    await site.lab.uplink(incumbent).pull();
    const moved = await site.until(({ active }) => active.ipv4?.iface !== incumbent, 'it is left');
    expect(moved.active.ipv4).not.toBeNull();
    await site.lab.uplink(incumbent).plug();
    await Promise.all(all.map(async (uplink) => uplink.blackhole(false)));
    await backTo('eth0');
  });

  test('at the end nothing of backhauld is left', async () => {
    expect(await site.daemon.stop()).toBe(0);
    expect(await site.own()).toEqual([]);
  });
});

test('HLTH-2: a captive portal is told from the internet: the uplink is degraded, the finding is named, and it is left', async () => {
  const uplinks = [
    { name: 'eth0', number: 101, metric: 100, hasIpv6: false },
    { name: 'wlan0', number: 102, metric: 200, hasIpv6: false },
  ];
  await using site = await Site.create({ uplinks });
  const portal = fileURLToPath(new URL('web-server.ts', import.meta.url));
  const { routerNamespace } = site.lab.uplink('eth0');
  await site.lab.internet
    .spawn(process.execPath, [portal, '203.0.113.10', '80', '204'])
    .line((line) => line === 'ready');
  await routerNamespace
    .spawn(process.execPath, [portal, '192.168.101.1', '8080', '302'])
    .line((line) => line === 'ready');
  await site.start(quick.replace('[probe]', '[probe]\ntargets = ["http://203.0.113.10/generate_204"]'));
  await site.untilActive('eth0');
  await routerNamespace.nft(
    'add chain inet lab prerouting { type nat hook prerouting priority -100; }',
    'add rule inet lab prerouting iifname "lan" tcp dport 80 dnat ip to 192.168.101.1:8080',
  );
  const status = await site.untilActive('wlan0', 15_000);
  expect(interfaceOf(status, 'eth0')?.verdict.ipv4).toBe('degraded');
  const named = await site.until(({ problems }) => problems.length > 0, 'the finding is named', 2000);
  expect(named.problems).toMatchObject([{ code: 'uplink.captivePortal', subject: 'eth0' }]);
  expect((await site.backhauld('status')).output).toContain('a captive portal answers');
  // Someone has signed in.
  await routerNamespace.nft('delete chain inet lab prerouting');
  await site.until(({ problems }) => problems.length === 0, 'the portal lets everyone through');
  expect(await site.daemon.stop()).toBe(0);
});
