import { describe, expect, test } from 'vitest';
import { defaultConfig, type Config } from '../../../../src/model/config.ts';
import { address, facts, lost } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

const bySixRouter = { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 } as const;
const dual = (index: number, name: string) =>
  facts({
    index,
    name,
    addresses: { ipv4: [address(`10.0.${index}.5`)], ipv6: [address(`2001:db8:${index}::5`, 64)] },
    defaultRoutes: [...facts({ index }).defaultRoutes, bySixRouter],
  });

describe('the intent', () => {
  test('is nothing at all at first', () => {
    expect(new NodeBench().context.intent).toEqual({
      network: { uplinks: [], ranking: { ipv4: [], ipv6: [] } },
      probes: [],
      stranded: [],
      hotspot: null,
      leases: [],
    });
  });

  test('has one probe for each uplink and family, with source, path, role and interval', () => {
    const node = new NodeBench();
    node.find(dual(2, 'eth0'));
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.observe();
    const common = { interval: 5000, isReachable: true };
    expect(node.context.intent.probes).toEqual([
      {
        ...common,
        index: 2,
        name: 'eth0',
        family: 'ipv4',
        source: '10.0.2.5',
        path: '10.0.2.5 via 10.0.2.1 #1.1',
        role: 'active',
      },
      {
        ...common,
        index: 2,
        name: 'eth0',
        family: 'ipv6',
        source: '2001:db8:2::5',
        path: '2001:db8:2::5 via fe80::1 #1.1',
        role: 'active',
      },
      {
        ...common,
        index: 3,
        name: 'wlan0',
        family: 'ipv4',
        source: '10.0.3.5',
        path: '10.0.3.5 via 10.0.3.1 #2.1',
        role: 'standby',
      },
    ]);
  });

  test('has every uplink that leads somewhere or has, and none that never did', () => {
    const node = threeUplinks();
    node.find(facts({ index: 9, name: 'eth9', defaultRoutes: [] }));
    node.change(3, { hasCarrier: false });
    expect(node.context.intent.network.uplinks).toEqual([
      {
        index: 2,
        name: 'eth0',
        paths: { ipv4: { addresses: [address('10.0.2.5')], gateway: '10.0.2.1' }, ipv6: null },
      },
      { index: 3, name: 'wlan0', paths: { ipv4: null, ipv6: null } },
      {
        index: 4,
        name: 'wwan0',
        paths: { ipv4: { addresses: [address('10.0.4.5')], gateway: '10.0.4.1' }, ipv6: null },
      },
    ]);
  });

  test('tells of each probe whether its uplink is reachable as far as is known, and only when that changes', () => {
    const node = threeUplinks();
    for (const index of [2, 3, 4]) node.good(index);
    const before = node.context.intent;
    node.bad(4);
    expect(node.context.intent).toBe(before);
    node.bad(4);
    const { probes } = node.context.intent;
    expect(probes.map(({ name, isReachable }) => [name, isReachable])).toEqual([
      ['eth0', true],
      ['wlan0', true],
      ['wwan0', false],
    ]);
    expect([probes[0] === before.probes[0], probes[2] === before.probes[2]]).toEqual([true, false]);
    expect(node.context.intent.network.uplinks).toBe(before.network.uplinks);
  });

  test('has another probe when the path is another, and the same ones for the other uplinks', () => {
    const node = threeUplinks();
    const before = node.context.intent.probes;
    node.change(3, { addresses: { ipv4: [address('10.0.3.77')], ipv6: [] } });
    const { probes } = node.context.intent;
    expect(probes[1]).toMatchObject({ source: '10.0.3.77', path: '10.0.3.77 via 10.0.3.1 #2.2' });
    expect([probes[0] === before[0], probes[2] === before[2]]).toEqual([true, true]);
  });

  test('tells each family’s probes apart, though all else about them is alike', () => {
    const node = new NodeBench();
    node.find(dual(2, 'eth0'));
    node.observe();
    node.change(2, { addresses: { ipv4: [], ipv6: dual(2, 'eth0').addresses.ipv6 } });
    expect(node.context.intent.probes.map(({ family }) => family)).toEqual(['ipv6']);
    expect(node.context.intent.network.ranking).toEqual({ ipv4: [], ipv6: [{ index: 2, isReachable: true }] });
  });

  test('HLTH-9: with the fast profile the active uplink is probed each 100 ms, the others each second', () => {
    const node = threeUplinks({ ...defaultConfig, profile: 'fast' });
    node.find(facts({ index: 9, name: 'usb0' }));
    const intervals = () => node.context.intent.probes.map(({ name, interval }) => [name, interval]);
    expect(intervals()).toEqual([
      ['eth0', 100],
      ['wlan0', 1000],
      ['wwan0', 1000],
      ['usb0', 300_000],
    ]);
  });

  test('probes nothing in a family without targets', () => {
    const { probe } = defaultConfig;
    const [first] = probe.targets.ipv4;
    const withTargets = (ipv4: Config['probe']['targets']['ipv4']): Config => ({
      ...defaultConfig,
      probe: { ...probe, targets: { ipv4, ipv6: [] } },
    });
    const families = (config: Config) => {
      const node = new NodeBench(config);
      node.find(dual(2, 'eth0'));
      node.observe();
      return node.context.intent.probes.map(({ family }) => family);
    };
    expect(families(withTargets([]))).toEqual([]);
    expect(families(withTargets(first === undefined ? [] : [first]))).toEqual(['ipv4']);
  });

  test('DISC-6: uses the gateway that the configuration names, in the family for which it does', () => {
    const gateway = { ipv4: '10.0.2.99', ipv6: null };
    const uplinks = [{ match: { name: 'eth0' }, type: null, gateway, dhcp: false, policy: null }];
    const node = new NodeBench({ ...defaultConfig, uplinks });
    node.find({ ...dual(2, 'eth0'), defaultRoutes: [] });
    expect(node.interface('eth0')?.gateways).toEqual({ ipv4: '10.0.2.99', ipv6: null });
  });
});

describe('what stays as it was', () => {
  test('stays the same object: ways, when only figures change', () => {
    const node = threeUplinks();
    const { ways, views } = node.context;
    node.good(3);
    expect([node.context.ways === ways, node.context.views === views]).toEqual([true, false]);
  });

  test('stays the same object: the network, when only a problem is new', () => {
    const gateway = { ipv4: null, ipv6: '2001:db8:ffff::1' };
    const uplinks = [{ match: { name: 'eth0' }, type: null, gateway, dhcp: false, policy: null }];
    const node = new NodeBench({ ...defaultConfig, uplinks });
    node.find(facts());
    node.observe();
    const { network } = node.context.intent;
    node.change(2, { addresses: { ...facts().addresses, ipv6: [address('2001:db8::5', 64)] } });
    expect(node.status.problems.map(({ code }) => code)).toEqual(['uplink.gatewayOutsideSubnet']);
    expect(node.context.intent.network).toBe(network);
  });

  test('at the start: a family’s pin is that of the node', () => {
    const node = new NodeBench();
    node.find(facts());
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.send({ type: 'command.pin', name: 'wlan0' });
    node.observe();
    expect([node.activeName, node.active()?.rule]).toEqual(['wlan0', 'pinned']);
  });
});

describe('a path', () => {
  test('is the same one for as long as its source and its gateway are', () => {
    const node = threeUplinks();
    node.good(2);
    const path = () => node.context.ways.get(2)?.pathIds.ipv4;
    const verdict = () => node.interface('eth0')?.verdict.ipv4;
    const [before] = [path()];
    // One more address, which no probe leaves from.
    node.change(2, { addresses: { ipv4: [address('10.0.2.5'), address('10.0.2.6')], ipv6: [] } });
    expect([path(), verdict()]).toEqual([before, 'healthy']);
    node.change(2, { addresses: { ipv4: [address('10.0.2.6')], ipv6: [] } });
    expect([path(), verdict()]).toEqual(['10.0.2.6 via 10.0.2.1 #1.2', 'unknown']);
    node.good(2);
    node.change(2, { defaultRoutes: [{ family: 'ipv4', gateway: '10.0.2.9', table: 254, metric: 1, protocol: 16 }] });
    expect([path(), verdict()]).toEqual(['10.0.2.6 via 10.0.2.9 #1.3', 'unknown']);
  });

  test('of one family that changes leaves the other as it was', () => {
    const node = new NodeBench();
    node.find(dual(2, 'eth0'));
    node.observe();
    node.good(2);
    node.probe(2, [lost('six')], 'ipv6');
    node.change(2, { addresses: { ...dual(2, 'eth0').addresses, ipv4: [address('10.0.2.77')] } });
    expect(node.interface('eth0')?.verdict).toEqual({ ipv4: 'unknown', ipv6: 'degraded' });
    expect(node.context.ways.get(2)?.pathIds).toEqual({
      ipv4: '10.0.2.77 via 10.0.2.1 #1.2',
      ipv6: '2001:db8:2::5 via fe80::1 #1.1',
    });
  });

  test('that carries nothing is no path, and has one again with carrier', () => {
    const node = threeUplinks();
    node.change(2, { hasCarrier: false });
    expect(node.context.ways.get(2)?.pathIds).toEqual({ ipv4: null, ipv6: null });
    node.change(2, { hasCarrier: true });
    expect(node.context.ways.get(2)?.pathIds.ipv4).toBe('10.0.2.5 via 10.0.2.1 #1.3');
  });
});
