import { describe, expect, test } from 'vitest';
import { enqueueActions } from 'xstate';
import { departureMachine } from '../../../../src/machines/departure/departure.machine.ts';
import { interfaceMachine } from '../../../../src/machines/interface/interface.machine.ts';
import { nodeMachine } from '../../../../src/machines/node/node.machine.ts';
import { statusOf } from '../../../../src/machines/status/status.selectors.ts';
import { defaultConfig, type Config } from '../../../../src/model/config.ts';
import { instant, milliseconds } from '../../../../src/model/units.ts';
import { address, facts, lost } from '../examples.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

const path = { addresses: [address('10.0.2.5')], gateway: '10.0.2.1' };

describe('ROUT-6: the node', () => {
  const metered = (name: string, config = defaultConfig): Config => ({
    ...config,
    uplinks: [
      {
        match: { name },
        type: null,
        gateway: { ipv4: null, ipv6: null },
        dns: [],
        dhcp: false,
        policy: { kind: 'emergencyOnly' },
      },
    ],
  });
  const stranded = (node: NodeBench) =>
    node.context.intent.stranded.map(({ name, family, because, since }) => [name, family, because, since]);
  const settled = (config = defaultConfig): NodeBench => {
    const node = threeUplinks(config);
    node.settle([2, 3, 4], 30);
    return node;
  };

  test('wants the flows of a dead uplink ended once another one carries the traffic', () => {
    const node = settled();
    node.change(2, { hasCarrier: false });
    expect(stranded(node)).toEqual([['eth0', 'ipv4', 'eth0 leads nowhere any more', 30_000]]);
    expect(node.context.intent.stranded[0]?.path).toEqual(path);
  });

  test('wants none ended while nothing else leads anywhere, and then all', () => {
    const node = settled();
    for (const index of [3, 4]) node.change(index, { hasCarrier: false });
    node.change(2, { hasCarrier: false });
    expect([node.activeName, stranded(node)]).toEqual([null, []]);
    expect(node.status.departures[0]).toEqual({ iface: 'eth0', family: 'ipv4', state: 'trapped', endsInMs: null });
    node.clock.advance(5);
    node.change(3, { hasCarrier: true });
    expect(node.activeName).toBe('wlan0');
    expect(stranded(node)).toEqual([['eth0', 'ipv4', 'eth0 leads nowhere any more', 30_005]]);
  });

  test('wants none ended any more when the uplink is active again, or leads somewhere', () => {
    const node = settled();
    node.change(2, { hasCarrier: false });
    node.change(2, { hasCarrier: true });
    expect(stranded(node)).toEqual([]);
    node.settle([2, 3, 4], 60);
    expect([node.activeName, stranded(node), [...node.context.departures.keys()]]).toEqual([
      'eth0',
      [],
      ['departure ipv4-3'],
    ]);
  });

  test('wants the flows of a failed uplink ended as soon as its probes fail', () => {
    const node = settled();
    for (let i = 0; i < 2; i++) node.bad(2);
    expect(stranded(node)).toEqual([['eth0', 'ipv4', 'eth0 leads nowhere any more', 30_000]]);
    node.good(2);
    expect(stranded(node)).toEqual([]);
  });

  test('lets the flows of an expensive backup finish after failback, for as long as is configured', () => {
    const node = threeUplinks(metered('wwan0'));
    for (const index of [2, 3]) node.change(index, { hasCarrier: false });
    node.settle([4], 30);
    expect(node.activeName).toBe('wwan0');
    node.change(2, { hasCarrier: true });
    while (node.activeName !== 'eth0') node.settle([2, 4], 5);
    const backup = () => stranded(node).filter(([name]) => name === 'wwan0');
    const left = node.context.departures.get('departure ipv4-4')?.input.at ?? instant(0);
    expect(backup()).toEqual([]);
    node.clock.advance(left + 29_999 - node.clock.now());
    expect(backup()).toEqual([]);
    node.clock.advance(1);
    expect(backup()).toEqual([['wwan0', 'ipv4', 'wwan0 costs money, and its flows had 30s to finish', left + 30_000]]);
    expect(node.context.now).toBe(left + 30_000);
  });

  test('forgets an uplink that is gone when it leaves another one', () => {
    const node = settled();
    node.lose(2);
    expect(stranded(node)).toEqual([['eth0', 'ipv4', 'eth0 leads nowhere any more', 30_000]]);
    node.change(3, { hasCarrier: false });
    expect(stranded(node).map(([name]) => name)).toEqual(['wlan0']);
    expect([...node.context.departures.keys()]).toEqual(['departure ipv4-3']);
  });

  test('shows in its status what becomes of them, and how long they may linger', () => {
    const node = threeUplinks(metered('wwan0'));
    for (const index of [2, 3]) node.change(index, { hasCarrier: false });
    node.settle([4], 30);
    node.change(2, { hasCarrier: true });
    while (node.activeName !== 'eth0') node.settle([2, 4], 5);
    const left = node.context.departures.get('departure ipv4-4')?.input.at ?? instant(0);
    node.clock.advance(left + 20_000.5 - node.clock.now());
    expect(node.status.departures).toEqual([
      { iface: 'wlan0', family: 'ipv4', state: 'ended', endsInMs: null },
      { iface: 'wwan0', family: 'ipv4', state: 'lingering', endsInMs: 10_000 },
    ]);
    const late = statusOf(node.actor.getSnapshot(), instant(left + 60_000), String);
    expect(late.departures[1]?.endsInMs).toBe(0);
    const free = settled();
    free.send({ type: 'command.pin', name: 'wlan0' });
    expect(free.status.departures).toEqual([{ iface: 'eth0', family: 'ipv4', state: 'finishing', endsInMs: null }]);
  });

  test('leaves in one family only where only that one is left', () => {
    const node = new NodeBench();
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
    node.find(dual(2, 'eth0'));
    node.find(dual(3, 'wlan0'));
    node.observe();
    for (const index of [2, 3]) node.good(index);
    for (let i = 0; i < 2; i++) node.probe(2, [lost('six')], 'ipv6');
    node.probe(3, [{ ...lost('six'), rtt: milliseconds(9), failure: null }], 'ipv6');
    expect([node.active('ipv4')?.iface, node.active('ipv6')?.iface]).toEqual(['eth0', 'wlan0']);
    expect(stranded(node).map(([name, family]) => [name, family])).toEqual([['eth0', 'ipv6']]);
    // A word of the other family, in which the same uplink is active.
    node.change(3, { addresses: { ...dual(3, 'wlan0').addresses, ipv4: [] } });
    expect(stranded(node).map(([name, family]) => [name, family])).toEqual([['eth0', 'ipv6']]);
  });

  test('knows of the path as it was last, however often it changed', () => {
    const node = settled();
    node.change(2, { addresses: { ipv4: [address('10.0.2.77')], ipv6: [] } });
    node.good(2);
    node.change(2, { addresses: { ipv4: [address('10.0.2.77'), address('10.0.2.78')], ipv6: [] } });
    node.change(2, { hasCarrier: false });
    expect(node.context.intent.stranded[0]?.path.addresses).toEqual([address('10.0.2.77'), address('10.0.2.78')]);
  });

  test('waits with those of an uplink that is gone while nothing else leads anywhere, and forgets nothing', () => {
    const node = settled();
    for (const index of [3, 4]) node.change(index, { hasCarrier: false });
    node.lose(2);
    expect(stranded(node)).toEqual([]);
    node.change(3, { hasCarrier: true });
    expect(stranded(node).map(([name]) => name)).toEqual(['eth0']);
    // Not a switch: only the ranking is another.
    node.change(4, { hasCarrier: true });
    expect(stranded(node).map(([name]) => name)).toEqual(['eth0']);
  });

  test('waits while the uplink in use is itself out of reach, or has not been probed yet', () => {
    const states = (node: NodeBench) => node.status.departures.map(({ iface, state }) => `${iface} ${state}`);
    const failed = settled();
    for (const index of [3, 3, 4, 4]) failed.bad(index);
    failed.change(2, { hasCarrier: false });
    expect([failed.activeName, states(failed)]).toEqual(['wlan0', ['eth0 trapped']]);
    expect(failed.context.departures.get('departure ipv4-2')?.standing).toEqual({ isDead: true, hasWayOut: false });
    failed.good(3);
    expect(states(failed)).toEqual(['eth0 ended']);
    const fresh = settled();
    fresh.send({ type: 'command.pin', name: 'wlan0' });
    fresh.change(3, { addresses: { ipv4: [address('10.0.3.77')], ipv6: [] } });
    fresh.change(2, { hasCarrier: false });
    expect([fresh.activeName, states(fresh)]).toEqual(['wlan0', ['eth0 trapped']]);
  });

  test('has no actor left of an uplink that is active again, though nothing was in between', () => {
    const node = settled();
    for (const index of [3, 4, 2]) node.change(index, { hasCarrier: false });
    expect([...node.context.departures.keys()]).toEqual(['departure ipv4-2']);
    node.change(2, { hasCarrier: true });
    expect([node.activeName, node.context.departures.size]).toEqual(['eth0', 0]);
    expect([
      node.context.actors.has('departure ipv4-2'),
      'departure ipv4-2' in node.actor.getSnapshot().children,
    ]).toEqual([false, false]);
  });

  /** A node whose departures break at this action, for as long as `isBroken`, and eth9 always. */
  const fragile = (action: 'order' | 'revoke', config = defaultConfig) => {
    const state = { isBroken: true };
    const fail = (): void => {
      if (state.isBroken) throw new Error('broken on purpose');
    };
    const before = departureMachine.implementations.actions[action];
    const departure = departureMachine.provide({
      actions: { [action]: enqueueActions(({ enqueue }) => [fail(), enqueue(before as never)]) },
    });
    const eth9 = interfaceMachine.provide({
      actions: {
        abandon: ({ context }) => {
          if (context.facts.name === 'eth9') throw new Error('broken on purpose');
        },
      },
    });
    const node = new NodeBench(config, nodeMachine.provide({ actors: { departure, interface: eth9 } }));
    for (const [index, name] of [
      [2, 'eth0'],
      [3, 'wlan0'],
      [9, 'eth9'],
    ] as const)
      node.find(facts({ index, name }));
    node.observe();
    node.settle([2, 3], 30);
    return { state, node, subjects: () => node.status.problems.map(({ subject }) => subject) };
  };

  test('starts the actor of a departure that fails again, as if it had ordered nothing', () => {
    const { state, node, subjects } = fragile('revoke');
    for (let i = 0; i < 2; i++) node.bad(2);
    expect(stranded(node).map(([name]) => name)).toEqual(['eth0']);
    node.good(2);
    expect([subjects(), node.status.departures]).toEqual([['interface 9', 'departure ipv4-2'], []]);
    state.isBroken = false;
    node.clock.advance(100);
    expect([subjects(), stranded(node)]).toEqual([['interface 9'], []]);
    expect(node.status.departures).toEqual([{ iface: 'eth0', family: 'ipv4', state: 'finishing', endsInMs: null }]);
    expect(node.context.actors.has('departure ipv4-2')).toBe(true);
    node.settle([2, 3], 60);
    expect(node.activeName).toBe('eth0');
    expect([...node.context.failures.keys()]).toEqual(['interface 9']);
    expect(subjects()).toEqual(['interface 9']);
  });

  test('starts one that was lingering again, and it lingers anew', () => {
    const { state, node, subjects } = fragile('order', metered('wlan0'));
    node.change(2, { hasCarrier: false });
    state.isBroken = true;
    node.change(2, { hasCarrier: true });
    while (node.activeName !== 'eth0') node.settle([2, 3], 5);
    expect(node.status.departures.at(-1)).toMatchObject({ iface: 'wlan0', state: 'lingering' });
    while (!subjects().includes('departure ipv4-3')) node.clock.advance(1000);
    state.isBroken = false;
    node.clock.advance(1000);
    expect(node.status.departures.at(-1)).toMatchObject({ iface: 'wlan0', state: 'lingering' });
    node.clock.advance(30_000);
    expect(stranded(node).at(-1)?.[0]).toBe('wlan0');
  });
});
