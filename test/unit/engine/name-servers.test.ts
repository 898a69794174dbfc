import { describe, expect, test } from 'vitest';
import { createNameServers, hasNames, withinReach } from '../../../src/engine/name-servers.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import { parseTargets } from '../../../src/model/target.ts';
import { address } from '../machines/examples.ts';
import { threeUplinks } from '../machines/node-bench.ts';

const ipv4 = { addresses: [address('10.0.2.5')], gateway: '10.0.2.1' };
const ipv6 = { addresses: [address('2001:db8::5', 64)], gateway: 'fe80::1' };

describe('whom to ask for a name by an uplink', () => {
  test('is asked in the order given, each from the address of its family', () => {
    expect(withinReach(['9.9.9.9', 'fe80::53%eth0', '2001:db8::53'], 'eth0', { ipv4, ipv6 })).toEqual([
      { family: 'ipv4', address: '9.9.9.9', source: '10.0.2.5' },
      { family: 'ipv6', address: 'fe80::53%eth0', source: '2001:db8::5' },
      { family: 'ipv6', address: '2001:db8::53', source: '2001:db8::5' },
    ]);
  });

  test('is nobody of a family that has no way out', () => {
    expect(withinReach(['9.9.9.9', '2001:db8::53'], 'eth0', { ipv4: null, ipv6 })).toEqual([
      { family: 'ipv6', address: '2001:db8::53', source: '2001:db8::5' },
    ]);
  });

  test('are the gateways, where nobody knows any that can be reached', () => {
    const gateways = [
      { family: 'ipv4', address: '10.0.2.1', source: '10.0.2.5' },
      { family: 'ipv6', address: 'fe80::1%eth0', source: '2001:db8::5' },
    ];
    expect(withinReach([], 'eth0', { ipv4, ipv6 })).toEqual(gateways);
    expect(withinReach(['9.9.9.9'], 'eth0', { ipv4: null, ipv6 })).toEqual([gateways[1]]);
    expect(withinReach([], 'ppp0', { ipv4: { ...ipv4, gateway: null }, ipv6: null })).toEqual([]);
    expect(withinReach(['9.9.9.9'], 'eth0', { ipv4: null, ipv6: null })).toEqual([]);
  });
});

test('what was read of an uplink is believed for half a minute, and read anew for another name', async () => {
  let now = 0;
  const asked: string[] = [];
  const { views } = threeUplinks().context;
  const servers = createNameServers({
    view: (index) => views.get(index),
    configured: () => [],
    reader: () => ({
      serversOf: async (index, name) => {
        asked.push(`${index} ${name}`);
        return { servers: ['9.9.9.9'], source: 'a test', refused: [] };
      },
    }),
    now: () => now,
  });
  for (const at of [0, 29_000, 31_000]) {
    now = at;
    // oxlint-disable-next-line no-await-in-loop
    expect(await servers.of(2)).toMatchObject([{ address: '9.9.9.9', source: '10.0.2.5' }]);
  }
  expect(await servers.of(77)).toEqual([]);
  expect(asked).toEqual(['2 eth0', '2 eth0']);
});

test('the configuration is asked where nobody reads name servers', async () => {
  const { views } = threeUplinks().context;
  const servers = createNameServers({
    view: (index) => views.get(index),
    configured: (index) => (index === 2 ? ['9.9.9.9'] : []),
    reader: () => null,
    now: () => 0,
  });
  expect(await servers.of(2)).toEqual([{ family: 'ipv4', address: '9.9.9.9', source: '10.0.2.5' }]);
});

test('names are looked for among the targets of both families', () => {
  const named = parseTargets('tcp://example.com:443');
  if ('problem' in named) throw new Error(named.problem);
  const withTargets = (targets: typeof defaultConfig.probe.targets) => ({
    probe: { ...defaultConfig.probe, targets },
  });
  expect(hasNames(defaultConfig)).toBe(false);
  expect(hasNames(withTargets({ ipv4: [], ipv6: named.slice(1) }))).toBe(true);
  expect(hasNames(withTargets({ ipv4: named.slice(0, 1), ipv6: [] }))).toBe(true);
});
