import { expect, test } from 'vitest';
import { families } from '../../../src/model/family.ts';
import { interfaceOf, problemCodes, quick, Site } from './site.ts';

/** A host that answers in both families, by its name alone. */
const named = quick.replace('[probe]', '[probe]\ntargets = ["tcp://www.example.net:7"]');

test('HLTH-2: targets that are names alone are resolved through each uplink by its own name servers, in both families', async () => {
  await using site = await Site.create();
  // wwan0 has the gateway's, for nobody names another. By IPv4 alone, as most providers have them: the IPv6 address is asked for there too.
  const servers = { eth0: '1.1.1.1', wlan0: '8.8.8.8' };
  const entries = Object.entries(servers).map(
    ([name, server]) => `[[uplink]]\nmatch = "${name}"\ndns = ["${server}"]\n`,
  );
  await site.start(`${named}${entries.join('')}`);
  const status = await site.until(
    ({ interfaces }) => interfaces.every(({ verdict }) => verdict.ipv4 === 'healthy' && verdict.ipv6 === 'healthy'),
    'every uplink is healthy in both families',
  );
  expect(problemCodes(status)).toEqual([]);
  expect(status.active).toMatchObject({ ipv4: { iface: 'eth0' }, ipv6: { iface: 'eth0' } });
  // What was resolved by another uplink is no help to this one.
  await site.lab.uplink('eth0').blackhole(true);
  const left = await site.untilActive('wlan0');
  expect(interfaceOf(left, 'wlan0')?.verdict.ipv4).toBe('healthy');
  expect(await site.daemon.stop()).toBe(0);
  expect(await site.own()).toEqual([]);
});

test('HLTH-2: with no name server anywhere that answers it starts all the same, and says once what it cannot resolve', async () => {
  await using site = await Site.create();
  for (const { plan, routerNamespace } of site.lab.uplinks) {
    // The gateways would be asked, and answer. One is silent, the others say no.
    await routerNamespace.nft(
      'add chain inet lab input { type filter hook input priority 0; }',
      `add rule inet lab input iifname "lan" udp dport 53 ${plan.name === 'wlan0' ? 'drop' : 'reject'}`,
    );
  }
  await site.start(named);
  const status = await site.until(
    ({ interfaces }) => interfaces.every(({ verdict }) => verdict.ipv4 === 'failed' && verdict.ipv6 === 'failed'),
    'nothing is measured as reachable',
    20_000,
  );
  // None is reachable: the one that was the last to fail is used on (SEL-3).
  for (const family of families) expect(status.active[family]).not.toBeNull();
  const count = () => site.log().filter(({ msg }) => /^www\.example\.net \(IPv[46]\) by eth0: /u.test(msg)).length;
  const totalProbes = interfaceOf(status, 'eth0')?.stats.ipv4.totalProbes ?? NaN;
  const later = await site.until(
    (now) => (interfaceOf(now, 'eth0')?.stats.ipv4.totalProbes ?? 0) > totalProbes + 5,
    'it goes on trying',
    20_000,
  );
  expect(problemCodes(later).filter((code) => code === 'probe.unresolved')).toHaveLength(6);
  // Once for each family.
  expect(count()).toBe(2);
  await site.node.ip('link delete wwan0');
  await site.until(
    (now) => problemCodes(now).filter((code) => code === 'probe.unresolved').length === 4,
    'wwan0 is gone',
  );
  expect(await site.daemon.stop()).toBe(0);
});
