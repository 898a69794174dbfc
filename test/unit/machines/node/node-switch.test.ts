import { describe, expect, test } from 'vitest';
import { readConfigObject } from '../../../../src/adapters/config/read-config.ts';
import { defaultConfig, noGateways, type Config, type UplinkPolicy } from '../../../../src/model/config.ts';
import { address, answered, facts, lost, targets } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

const withPolicy = (name: string, policy: UplinkPolicy): Config => ({
  ...defaultConfig,
  uplinks: [{ match: { name }, type: null, gateway: noGateways, dhcp: false, policy }],
});

/** An interface with a way out in both families. */
const dual = (index: number, name: string) =>
  facts({
    index,
    name,
    addresses: { ipv4: [address(`10.0.${index}.5`)], ipv6: [address(`2001:db8:${index}::5`, 64)] },
    defaultRoutes: [
      { family: 'ipv4', gateway: `10.0.${index}.1`, table: 254, metric: 100, protocol: 16 },
      { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 },
    ],
  });

describe('a switch', () => {
  test('away from a lost carrier happens within the same event', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.change(2, { hasCarrier: false });
    expect(node.switches.at(-1)).toMatchObject({ family: 'ipv4', from: 'eth0', to: 'wlan0', rule: 'usable' });
    expect(node.context.intent.network.ranking.ipv4.map(({ index }) => index)).toEqual([3, 4]);
  });

  test('away from an unreachable uplink waits for no hold-down', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.bad(2);
    node.bad(2);
    expect([node.activeName, node.interface('eth0')?.state]).toEqual(['wlan0', 'degraded']);
    expect(node.context.intent.network.ranking.ipv4.at(-1)).toEqual({ index: 2, isReachable: false });
  });

  test('back happens when the better uplink is up and has led for 10 s and 3 rounds', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.change(2, { hasCarrier: false });
    node.change(2, { hasCarrier: true });
    const returnedAt = node.clock.now();
    while (node.activeName !== 'eth0') node.settle([2, 3, 4], 5);
    expect(node.interface('eth0')?.state).toBe('up');
    expect(node.clock.now() - returnedAt).toBeLessThanOrEqual(30_000);
    expect(node.clock.now() - returnedAt).toBeGreaterThanOrEqual(20_000);
    expect(node.switches.at(-1)).toMatchObject({ to: 'eth0', rule: 'score' });
  });

  test('is challenged in sight: the chart shows the wait', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.change(2, { hasCarrier: false });
    node.change(2, { hasCarrier: true });
    node.settle([2, 3, 4], 15);
    const selection = node.actor.getSnapshot().children['selection ipv4']?.getSnapshot();
    expect(selection).toMatchObject({ value: { challenged: 'holding' }, context: { awaited: { name: 'eth0' } } });
  });

  test('by 30 % of loss comes within 10 s, and is not undone', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 60);
    const start = node.clock.now();
    let leftAt: number | null = null;
    for (let i = 0; i < 240; i++) {
      // A burst on the uplink in use, every third sample lost.
      if (i < 10)
        node.probe(2, [
          i % 3 === 0 ? lost(targets[0]) : answered(),
          i % 3 === 1 ? lost(targets[1]) : answered(targets[1]),
        ]);
      if (i >= 10 && i % 20 === 0) node.probe(2, [i % 60 === 0 ? lost() : answered(), answered(targets[1])]);
      if (i % 20 === 0) for (const index of [3, 4]) node.good(index);
      node.clock.advance(250);
      if (leftAt === null && node.activeName !== 'eth0') leftAt = node.clock.now();
    }
    expect([node.activeName, node.switches.length]).toEqual(['wlan0', 2]);
    expect((leftAt ?? Number.POSITIVE_INFINITY) - start).toBeLessThan(10_000);
  });

  test('SEL-2: 20 flaps in 20 s cause at most 2 switches', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 60);
    const before = node.switches.length;
    for (let i = 0; i < 20; i++) {
      node.change(2, { hasCarrier: false });
      node.clock.advance(500);
      node.change(2, { hasCarrier: true });
      for (const index of [2, 3, 4]) node.good(index);
      node.clock.advance(500);
    }
    expect(node.interface('eth0')?.damping.suppressed).toBe(true);
    node.settle([2, 3, 4], 400);
    expect(node.switches.length - before).toBeLessThanOrEqual(2);
    expect(node.activeName).toBe('eth0');
  });

  test('each family has its own', () => {
    const node = new NodeBench();
    node.find(dual(2, 'eth0'));
    node.find(dual(3, 'wlan0'));
    node.observe();
    for (const index of [2, 3]) {
      node.good(index);
      node.probe(index, [answered('six')], 'ipv6');
    }
    for (let i = 0; i < 2; i++) node.probe(2, [lost('six')], 'ipv6');
    expect([node.active('ipv4')?.iface, node.active('ipv6')?.iface]).toEqual(['eth0', 'wlan0']);
  });
});

describe('a target that is dead everywhere', () => {
  test('causes no switch and no change of the ranking', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 60);
    const { length } = node.switches;
    const ranking = node.context.intent.network.ranking.ipv4;
    const dead = [lost(targets[0]), answered(targets[1])];
    node.probe(2, dead);
    for (const index of [3, 4]) node.probe(index, [lost(targets[0])], 'ipv4', 'crossCheck');
    node.send({ type: 'target.blamed', family: 'ipv4', target: targets[0], index: null });
    for (let i = 0; i < 60; i++) {
      for (const index of [2, 3, 4]) node.probe(index, dead);
      node.clock.advance(5000);
    }
    expect([node.switches.length, node.interface('eth0')?.state]).toEqual([length, 'up']);
    expect(node.context.intent.network.ranking.ipv4).toEqual(ranking);
    expect(node.interface('eth0')?.score.total).toBe(1070);
    expect(node.status.problems.map(({ code }) => code)).toEqual(['probe.targetBlamed']);
    node.send({ type: 'target.cleared', family: 'ipv4', target: targets[0], index: null });
    expect(node.status.problems).toEqual([]);
  });

  test('is known to an interface that comes later', () => {
    const node = threeUplinks();
    node.send({ type: 'target.blamed', family: 'ipv4', target: targets[0], index: null });
    node.find(facts({ index: 9, name: 'eth9' }));
    node.probe(9, [lost(targets[0]), answered(targets[1])]);
    expect(node.interface('eth9')?.verdict.ipv4).toBe('healthy');
  });
});

describe('SEL-4: the pin', () => {
  test('is taken at once, passed over loudly while unreachable, taken again when reachable, and let go', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.send({ type: 'command.pin', name: 'wwan0' });
    expect([node.activeName, node.active()?.rule]).toEqual(['wwan0', 'pinned']);
    node.bad(4);
    node.bad(4);
    expect([node.activeName, node.status.problems[0]?.code]).toEqual(['eth0', 'uplink.pinUnreachable']);
    node.settle([2, 3, 4], 5);
    expect([node.activeName, node.status.problems]).toEqual(['wwan0', []]);
    node.send({ type: 'command.unpin' });
    node.settle([2, 3, 4], 120);
    expect(node.activeName).toBe('eth0');
  });

  test('is passed over loudly in each family by itself', () => {
    const node = new NodeBench();
    for (const [index, name] of [
      [2, 'eth0'],
      [3, 'wlan0'],
    ] as const)
      node.find(dual(index, name));
    node.observe();
    for (const index of [2, 3]) {
      node.good(index);
      node.probe(index, [answered('six')], 'ipv6');
    }
    node.send({ type: 'command.pin', name: 'wlan0' });
    for (let i = 0; i < 2; i++) node.probe(3, [lost('six')], 'ipv6');
    expect([node.active('ipv4')?.iface, node.active('ipv6')?.iface]).toEqual(['wlan0', 'eth0']);
    expect(node.status.problems.map(({ message }) => message)).toEqual(['wlan0 is pinned, but its probes fail (ipv6)']);
    for (let i = 0; i < 2; i++) node.probe(3, [answered('six')], 'ipv6');
    expect([node.active('ipv6')?.iface, node.status.problems]).toEqual(['wlan0', []]);
  });

  test('of an uplink that does not exist is reported', () => {
    const node = threeUplinks();
    node.send({ type: 'command.pin', name: 'eth7' });
    expect(node.emissions.at(-1)).toMatchObject({
      type: 'problem',
      problem: { code: 'uplink.pinUnreachable', message: 'eth7 is pinned, but there is no such uplink' },
    });
  });
});

describe('TETH-5: policies', () => {
  test('an emergency uplink is used only while nothing else is reachable', () => {
    const node = threeUplinks(withPolicy('eth0', { kind: 'emergencyOnly' }));
    node.settle([2, 3, 4], 30);
    expect(node.activeName).toBe('wlan0');
    for (const index of [3, 3, 4, 4]) node.bad(index);
    expect(node.activeName).toBe('eth0');
    node.good(4);
    expect([node.activeName, node.active()?.rule]).toEqual(['wwan0', 'cost']);
  });

  test('HLTH-8: a metered uplink is probed rarely, and less so while it is active', () => {
    const node = new NodeBench();
    node.find(facts({ index: 2, name: 'eth0' }));
    node.find(facts({ index: 3, name: 'usb0' }));
    node.observe();
    const interval = (index: number) => node.context.intent.probes.find((probe) => probe.index === index)?.interval;
    expect([interval(2), interval(3)]).toEqual([5000, 300_000]);
    node.change(2, { hasCarrier: false });
    expect([interval(2), interval(3)]).toEqual([undefined, 30_000]);
  });

  test.each([
    ['seldom', { interval: '20s' }, [20_000, 60_000, 600_000]],
    ['never, on one that costs money', { interval: '30s' }, [30_000, 60_000, 600_000]],
    ['often, also there', { interval: '40s', onMetered: true }, [40_000, 60_000, 40_000]],
  ] as const)('HLTH-8: probes keep the active uplink alive where they are rare: %s', (_, keepalive, expected) => {
    const read = readConfigObject({ probe: { interval: '1m', meteredActiveInterval: '10m' }, keepalive });
    if (!read.ok) throw new Error(read.problems[0].message);
    const node = new NodeBench(read.config);
    node.find(facts({ index: 2, name: 'eth0' }));
    node.find(facts({ index: 4, name: 'eth1' }));
    node.find(facts({ index: 3, name: 'usb0' }));
    node.observe();
    const interval = (index: number) => node.context.intent.probes.find((probe) => probe.index === index)?.interval;
    const before = [interval(2), interval(4)];
    node.change(2, { hasCarrier: false });
    node.change(4, { hasCarrier: false });
    expect([...before, interval(3)]).toEqual(expected);
  });
});
