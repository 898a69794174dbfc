import { describe, expect, test } from 'vitest';
import { explain } from '../../../../src/machines/status/status.selectors.ts';
import { facts } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

describe('the start', () => {
  test('nothing is chosen or wanted before the network is observed', () => {
    const node = new NodeBench();
    node.find(facts());
    expect([node.active(), node.context.intent.probes, node.context.intent.network.uplinks]).toEqual([null, [], []]);
  });

  test('SEL-3: no hold-down is waited out', () => {
    const node = threeUplinks();
    expect([node.activeName, node.clock.now()]).toEqual(['eth0', 0]);
  });

  test('a dead Ethernet is left as soon as that is known', () => {
    const node = threeUplinks();
    node.good(3);
    node.bad(2);
    expect(node.activeName).toBe('eth0');
    node.bad(2);
    expect([node.activeName, node.active()?.rule]).toEqual(['wlan0', 'reachable']);
  });

  test('ROUT-8: the kernel’s choice is kept until both sides have a verdict, and is no switch', () => {
    const node = new NodeBench();
    node.find(facts({ index: 2, name: 'eth0' }));
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.observe({ ipv4: 3 });
    expect([node.activeName, node.active()?.rule, node.switches]).toEqual(['wlan0', 'incumbent', []]);
    node.good(2);
    expect(node.activeName).toBe('wlan0');
    node.settle([2, 3], 60);
    expect([node.activeName, node.switches.length]).toEqual(['eth0', 1]);
  });

  test('ROUT-8: an adopted uplink without carrier is left at once', () => {
    const node = new NodeBench();
    node.find(facts({ index: 2, name: 'eth0' }));
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.observe({ ipv4: 3 });
    node.change(3, { hasCarrier: false });
    expect([node.activeName, node.active()?.rule]).toEqual(['eth0', 'usable']);
  });

  test('uplinks that come up together are not switched between', () => {
    const node = threeUplinks();
    for (const index of [3, 4, 2]) {
      node.clock.advance(40);
      node.good(index);
    }
    node.settle([2, 3, 4], 60);
    expect([node.activeName, node.switches.length, node.interface('eth0')?.state]).toEqual(['eth0', 1, 'up']);
  });
});

describe('operations', () => {
  test('that fail are problems until they are carried out', () => {
    const node = threeUplinks();
    const problem = { code: 'kernel.refused', message: 'no' } as const;
    node.send({ type: 'operation.failed', object: 'default via 10.0.2.1', problem });
    expect(node.status.problems).toEqual([problem]);
    node.send({ type: 'operation.recovered', object: 'default via 10.0.2.1' });
    expect(node.emissions.at(-1)).toMatchObject({ type: 'problem.solved', problem });
  });
});

describe('the status', () => {
  test('shows a hold-down with the time that remains', () => {
    const node = threeUplinks();
    node.good(2);
    node.clock.advance(4000);
    expect(node.interface('eth0')).toMatchObject({
      state: 'probing',
      holdDown: { to: 'up', remainingMs: 6000 },
      verdict: { ipv4: 'healthy', ipv6: 'unknown' },
    });
  });

  test('is plain data: it survives JSON', () => {
    const node = threeUplinks();
    node.settle([2, 3], 30);
    expect(JSON.parse(JSON.stringify(node.status))).toEqual(node.status);
  });

  test('explains why an uplink is not active, rule by rule', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    const explanation = explain(node.actor.getSnapshot(), 'wlan0');
    const [ipv4] = 'uplinks' in explanation ? explanation.uplinks : [];
    expect(ipv4).toMatchObject({ family: 'ipv4', name: 'wlan0', against: 'eth0', isActive: false });
    expect(ipv4?.rules.map(({ rule }) => rule)).toEqual([
      'usable',
      'reachable',
      'pinned',
      'cost',
      'lifecycle',
      'score',
      'incumbent',
      'bias',
      'name',
    ]);
    expect(ipv4?.rules.filter(({ decides }) => decides)).toEqual([
      { rule: 'score', left: 'scores 1050', right: 'scores 1070', prefers: 'right', decides: true },
    ]);
  });
});
