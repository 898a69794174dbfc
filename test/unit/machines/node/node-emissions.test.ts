import { describe, expect, test } from 'vitest';
import type { NodeEvent } from '../../../../src/model/events.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { UplinkMemory } from '../../../../src/model/memory.ts';
import { instant, milliseconds } from '../../../../src/model/units.ts';
import { address, answered, facts, goodRound, lost, targets } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

describe('what the node tells', () => {
  test('is every state of an interface from its first to its last, with the time of each', () => {
    const node = new NodeBench();
    node.clock.advance(5);
    node.find(facts());
    node.observe();
    node.good(2);
    node.clock.advance(20_000);
    node.lose(2);
    const told = { type: 'state', index: 2, name: 'eth0' };
    expect(node.emissions.filter(({ type }) => type === 'state')).toEqual([
      { ...told, from: null, to: 'probing', at: 5 },
      { ...told, from: 'probing', to: 'up', at: 10_005 },
      { ...told, from: 'up', to: null, at: 20_005 },
    ]);
  });

  test('is that an interface found anew is gone and there again', () => {
    const node = threeUplinks();
    const { length } = node.emissions;
    node.clock.advance(3);
    node.find(facts({ index: 4, name: 'wwan0' }));
    const told = { type: 'state', index: 4, name: 'wwan0', at: 3 };
    expect(node.emissions.slice(length)).toEqual([
      { ...told, from: 'probing', to: null },
      { ...told, from: null, to: 'probing' },
    ]);
  });

  test('is every switch of each family, to the first uplink and from the last', () => {
    const node = new NodeBench();
    node.clock.advance(5);
    node.find(facts());
    node.observe();
    node.clock.advance(5);
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.change(2, { hasCarrier: false });
    node.clock.advance(5);
    node.lose(3);
    expect(node.emissions.filter(({ type }) => type === 'switch')).toEqual([
      {
        type: 'switch',
        switch: { family: 'ipv4', from: null, to: 'eth0', rule: 'only', because: 'eth0 is the only way out' },
        at: 5,
      },
      {
        type: 'switch',
        switch: {
          family: 'ipv4',
          from: 'eth0',
          to: 'wlan0',
          rule: 'usable',
          because: 'eth0 has lost its way out; wlan0 has one and scores 280',
        },
        at: 10,
      },
      {
        type: 'switch',
        switch: { family: 'ipv4', from: 'wlan0', to: null, rule: 'usable', because: 'no uplink has a way out' },
        at: 15,
      },
    ]);
  });
});

describe('the clock of the node', () => {
  const at = instant(1234);
  const problem = { code: 'kernel.refused', message: 'no' } as const;
  const path = threeUplinks().context.ways.get(2)?.pathIds.ipv4 ?? '';
  const memory: UplinkMemory = {
    lifecycle: null,
    damping: { merit: 0, at, isSuppressed: false },
    measured: { ipv4: null, ipv6: null },
  };
  const events: readonly NodeEvent[] = [
    { type: 'interface.found', facts: facts({ index: 9, name: 'eth9' }), at },
    { type: 'interface.found', facts: facts({ index: 9, name: 'docker0' }), at },
    { type: 'interface.changed', facts: facts({ index: 2, mtu: 1400 }), at },
    { type: 'interface.changed', facts: facts({ index: 2, name: 'eth8' }), at },
    { type: 'interface.changed', facts: facts({ index: 2, name: 'docker0' }), at },
    { type: 'interface.changed', facts: facts({ index: 8, name: 'docker8' }), at },
    { type: 'interface.lost', index: 2, at },
    { type: 'interface.lost', index: 77, at },
    { type: 'network.observed', incumbents: { ipv4: null, ipv6: null }, at },
    { type: 'probe.finished', index: 2, family: 'ipv4', path, round: goodRound(1), at },
    { type: 'probe.finished', index: 2, family: 'ipv4', path: 'another', round: goodRound(1), at },
    { type: 'probe.answeredLate', index: 2, family: 'ipv4', path, round: 1, sample: answered(), at },
    { type: 'target.blamed', family: 'ipv4', target: 'another', index: null, at },
    { type: 'target.cleared', family: 'ipv4', target: 'another', index: null, at },
    { type: 'uplink.remembered', index: 2, memory, at },
    { type: 'node.resumed', slept: milliseconds(60_000), at },
    { type: 'uplink.suspected', index: 2, family: 'ipv4', signal: 'neighbourFailed', at },
    { type: 'operation.failed', object: 'a', problem, at },
    { type: 'operation.recovered', object: 'a', at },
    { type: 'command.pin', name: 'eth9', at },
    { type: 'command.unpin', at },
  ];

  test.each(events.map((event) => [event.type, event] as const))('is that of the latest event: %s', (_, event) => {
    const node = event.type === 'network.observed' ? new NodeBench() : threeUplinks();
    node.find(facts({ index: 8, name: 'docker8' }));
    node.actor.send(event);
    expect(node.context.now).toBe(1234);
  });

  test('is that of a deadline of an interface, where that was the latest', () => {
    const node = threeUplinks();
    node.good(4);
    node.clock.advance(15_000);
    expect(node.context.now).toBe(10_000);
    const pinned = threeUplinks();
    pinned.send({ type: 'command.pin', name: 'wwan0' });
    pinned.good(4);
    pinned.clock.advance(15_000);
    expect(pinned.context.now).toBe(10_000);
  });

  test('is that of a deadline of a choice, where that was the latest', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.change(2, { hasCarrier: false });
    node.change(2, { hasCarrier: true });
    node.settle([2, 3, 4], 15);
    for (let i = 0; i < 3; i++) node.good(2);
    const dueAt = 50_000;
    node.clock.advance(60_000);
    expect([node.activeName, node.active()?.since]).toEqual(['eth0', new Date(dueAt).toISOString()]);
    expect(node.context.now).toBe(dueAt);
  });
});

describe('HLTH-5: an answer that comes late', () => {
  test('reaches the uplink that it came by', () => {
    const node = threeUplinks();
    node.bad(2);
    node.bad(2);
    const path = node.context.ways.get(2)?.pathIds.ipv4 ?? '';
    expect(node.interface('eth0')?.verdict.ipv4).toBe('failed');
    node.send({ type: 'probe.answeredLate', index: 2, family: 'ipv4', path, round: 2, sample: answered() });
    expect(node.interface('eth0')).toMatchObject({
      verdict: { ipv4: 'degraded' },
      stats: { ipv4: { failedProbes: 3 } },
    });
  });
});

describe('HLTH-4: a blamed target', () => {
  const half = [lost(targets[0]), answered(targets[1])];
  const verdicts = (node: NodeBench) => node.status.interfaces.map(({ verdict }) => verdict.ipv4);
  const blame = (node: NodeBench, index: number | null, type: 'target.blamed' | 'target.cleared' = 'target.blamed') =>
    node.send({ type, family: 'ipv4', target: targets[0], index });

  test('on one uplink spoils the others as before, and itself again once it is cleared', () => {
    const node = threeUplinks();
    for (const index of [2, 3]) node.probe(index, half);
    expect(verdicts(node).slice(0, 2)).toEqual(['degraded', 'degraded']);
    blame(node, 2);
    expect(verdicts(node).slice(0, 2)).toEqual(['healthy', 'degraded']);
    blame(node, null);
    expect(verdicts(node).slice(0, 2)).toEqual(['healthy', 'healthy']);
    blame(node, null, 'target.cleared');
    expect(verdicts(node).slice(0, 2)).toEqual(['healthy', 'degraded']);
    blame(node, 2, 'target.cleared');
    expect(verdicts(node).slice(0, 2)).toEqual(['degraded', 'degraded']);
  });

  test('in one family is none in the other, and one blame takes the place of its like only', () => {
    const node = threeUplinks();
    const entry = (family: 'ipv4' | 'ipv6', target: string, index: number | null) => ({ family, target, index });
    const all = [
      entry('ipv4', targets[0], null),
      entry('ipv6', targets[0], null),
      entry('ipv4', targets[1], null),
      entry('ipv4', targets[0], 3),
    ];
    for (const one of [...all, ...all]) node.send({ type: 'target.blamed', ...one });
    expect(node.context.blamed).toEqual(all);
    node.send({ type: 'target.cleared', ...entry('ipv4', targets[0], null) });
    expect(node.context.blamed).toEqual(all.slice(1));
  });

  test('is none when every target is blamed: then all count', () => {
    const node = threeUplinks();
    for (let i = 0; i < 2; i++) node.bad(2);
    for (const target of targets) node.send({ type: 'target.blamed', family: 'ipv4', target, index: null });
    expect(verdicts(node)[0]).toBe('failed');
  });

  test('of IPv6 is known to an uplink that comes later', () => {
    const [dead = '', other = ''] = defaultConfig.probe.targets.ipv6.map(({ text }) => text);
    const node = threeUplinks();
    node.send({ type: 'target.blamed', family: 'ipv6', target: dead, index: null });
    const defaultRoutes = [{ family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 }] as const;
    const addresses = { ipv4: [], ipv6: [address('2001:db8::5', 64)] };
    node.find(facts({ index: 9, name: 'eth9', addresses, defaultRoutes }));
    node.probe(9, [lost(dead), answered(other)], 'ipv6');
    expect(node.interface('eth9')?.verdict.ipv6).toBe('healthy');
  });

  test('in another family, or on another uplink, is no news to an uplink that comes later', () => {
    const node = threeUplinks();
    node.send({ type: 'target.blamed', family: 'ipv6', target: targets[0], index: null });
    blame(node, 3);
    node.find(facts({ index: 9, name: 'eth9' }));
    node.probe(9, half);
    expect(node.interface('eth9')?.verdict.ipv4).toBe('degraded');
  });

  test('on an uplink that is created anew is still known to it only where it is blamed on all', () => {
    const node = threeUplinks();
    blame(node, 2);
    blame(node, 3);
    node.lose(2);
    expect(node.context.blamed).toEqual([{ family: 'ipv4', target: targets[0], index: 3 }]);
    node.find(facts());
    node.probe(2, half);
    expect(node.interface('eth0')?.verdict.ipv4).toBe('degraded');
  });
});
