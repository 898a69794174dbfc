import { describe, expect, test } from 'vitest';
import { interfaceMachine } from '../../../../src/machines/interface/interface.machine.ts';
import { nodeMachine } from '../../../../src/machines/node/node.machine.ts';
import { explain } from '../../../../src/machines/status/status.selectors.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { address, facts } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

describe('an interface', () => {
  test('that is lost takes its actor along, and every timer', () => {
    const node = threeUplinks();
    for (const index of [2, 3, 4]) node.good(index);
    for (const index of [2, 3, 4]) node.lose(index);
    expect([node.hasActor(2), node.clock.pending, node.active(), node.context.intent.network.uplinks]).toEqual([
      false,
      0,
      null,
      [],
    ]);
    expect(node.context.views.size + node.context.uplinks.size + node.context.ways.size).toBe(0);
  });

  test('that is renamed is a new one', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.change(2, { name: 'lan0', device: { driver: 'e1000e', deviceType: null, bus: 'pci', usb: null } });
    expect([node.interface('eth0'), node.interface('lan0')?.state, node.activeName]).toEqual([
      undefined,
      'probing',
      'wlan0',
    ]);
  });

  test('that is found again has been created anew', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    node.find(facts({ index: 2, name: 'eth0', mtu: 1400 }));
    expect(node.interface('eth0')).toMatchObject({ mtu: 1400, state: 'probing', verdict: { ipv4: 'unknown' } });
  });

  test('HLTH-7: that is renamed or created anew has a path of its own: what was measured before says nothing', () => {
    const node = threeUplinks();
    const paths = [node.context.ways.get(2)?.pathIds.ipv4];
    node.change(2, { name: 'eth8' });
    paths.push(node.context.ways.get(2)?.pathIds.ipv4);
    node.find(facts({ index: 2, name: 'eth8' }));
    paths.push(node.context.ways.get(2)?.pathIds.ipv4);
    node.lose(2);
    node.find(facts({ index: 2, name: 'eth8' }));
    paths.push(node.context.ways.get(2)?.pathIds.ipv4);
    expect(new Set(paths).size).toBe(4);
    expect(paths).not.toContain(undefined);
  });

  test('that is ignored has no actor, and is explained', () => {
    const node = new NodeBench();
    node.find(facts({ index: 5, name: 'docker0', kind: 'bridge' }));
    expect(node.hasActor(5)).toBe(false);
    expect(explain(node.actor.getSnapshot(), 'docker0')).toMatchObject({
      message: 'docker0 is no uplink, because it is a bridge',
    });
  });

  test('that changes in nothing that concerns anyone leaves the intent the same object', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    const { intent } = node.context;
    node.change(2, { mtu: 1400 });
    node.good(2, 25);
    expect(node.context.intent).toBe(intent);
  });

  test('that becomes active changes the role of its probes, and nothing of the others', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 30);
    const before = node.context.intent;
    node.send({ type: 'command.pin', name: 'wlan0' });
    const { intent } = node.context;
    expect(intent.probes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'eth0 standby',
      'wlan0 active',
      'wwan0 standby',
    ]);
    expect(intent.probes[2]).toBe(before.probes[2]);
    expect(intent.network.uplinks).toBe(before.network.uplinks);
  });

  test('with the address of a better one is no candidate until that one is gone', () => {
    const node = new NodeBench();
    const shared = { ipv4: [address('192.168.42.5')], ipv6: [] };
    const defaultRoutes = [{ family: 'ipv4', gateway: '192.168.42.1', table: 254, metric: 100, protocol: 16 }] as const;
    node.find(facts({ index: 3, name: 'wlan0', addresses: shared, defaultRoutes }));
    node.find(facts({ index: 2, name: 'eth0', addresses: shared, defaultRoutes }));
    node.observe();
    expect([node.interface('wlan0')?.candidate, node.status.problems[0]?.code]).toEqual([
      false,
      'uplink.duplicateAddress',
    ]);
    node.change(2, { hasCarrier: false });
    expect([node.interface('wlan0')?.candidate, node.status.problems]).toEqual([true, []]);
    node.change(2, { hasCarrier: true });
    node.lose(2);
    expect(node.interface('wlan0')?.candidate).toBe(true);
  });
});

describe('an actor that fails', () => {
  /** A node whose interface actors break as soon as they start, for as long as `isBroken`. */
  const fragile = () => {
    const state = { isBroken: true };
    const machine = nodeMachine.provide({
      actors: {
        interface: interfaceMachine.provide({
          actions: {
            abandon: () => {
              if (state.isBroken) throw new Error('broken on purpose');
            },
          },
        }),
      },
    });
    return { state, node: new NodeBench(defaultConfig, machine) };
  };

  test('is reported, started again with its latest facts, and takes nobody along', () => {
    const { state, node } = fragile();
    node.find(facts());
    node.observe();
    expect([node.hasActor(2), node.status.problems[0]?.code, node.errors]).toEqual([false, 'actor.failed', []]);
    state.isBroken = false;
    node.change(2, { mtu: 1400 });
    node.clock.advance(100);
    expect([node.hasActor(2), node.interface('eth0')?.mtu, node.status.problems]).toEqual([true, 1400, []]);
    expect(node.activeName).toBe('eth0');
  });

  test('again and again is started ever more rarely', () => {
    const { node } = fragile();
    node.find(facts());
    node.clock.advance(600_000);
    const failures = node.context.failures.get('interface 2')?.count ?? 0;
    expect(failures).toBeGreaterThan(10);
    expect(failures).toBeLessThan(25);
  });

  test('and whose interface is gone meanwhile is not started again', () => {
    const { node } = fragile();
    node.find(facts());
    node.lose(2);
    node.clock.advance(1000);
    expect([node.hasActor(2), node.status.problems]).toEqual([false, []]);
  });
});
