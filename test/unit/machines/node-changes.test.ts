import { describe, expect, test } from 'vitest';
import { interfaceMachine } from '../../../src/machines/interface.machine.ts';
import { restartBackOff } from '../../../src/machines/node.decisions.ts';
import { explain } from '../../../src/machines/explain.selectors.ts';
import { nodeMachine } from '../../../src/machines/node.machine.ts';
import { selectionMachine } from '../../../src/machines/selection.machine.ts';
import { defaultConfig, type Config } from '../../../src/model/config.ts';
import { instant } from '../../../src/model/units.ts';
import { address, facts } from './examples.ts';
import { NodeBench, threeUplinks } from './node-bench.ts';

describe('an interface that changes', () => {
  test('from one that is looked at to one that is not takes its actor and its way along', () => {
    const node = threeUplinks();
    node.change(2, { name: 'docker0' });
    expect([node.hasActor(2), node.activeName, node.context.ignored.get(2)?.because]).toEqual([
      false,
      'wlan0',
      'its name matches docker*',
    ]);
    expect(node.context.intent.network.uplinks.map(({ name }) => name)).toEqual(['wlan0', 'wwan0']);
    node.change(3, { name: 'all' });
    expect(node.status.problems.map(({ code }) => code)).toEqual(['uplink.reservedName']);
  });

  test('and becomes a port of another device is looked at no more', () => {
    const node = threeUplinks();
    node.change(2, { isEnslaved: true });
    expect([node.hasActor(2), node.activeName]).toEqual([false, 'wlan0']);
  });

  test('in place of another, as one that is not looked at, leaves nothing of that one', () => {
    const node = threeUplinks();
    node.find(facts({ index: 2, name: 'all' }));
    expect([node.hasActor(2), node.activeName]).toEqual([false, 'wlan0']);
    expect(node.context.intent.network.uplinks.map(({ name }) => name)).toEqual(['wlan0', 'wwan0']);
    expect(node.status.problems.map(({ code }) => code)).toEqual(['uplink.reservedName']);
  });

  test('from one that is not looked at to one that is has an actor, and is ignored no more', () => {
    const node = threeUplinks();
    node.find(facts({ index: 9, name: 'eth9', kind: 'bridge' }));
    expect(node.context.ignored.has(9)).toBe(true);
    node.change(9, { kind: null });
    expect([node.hasActor(9), node.context.ignored.has(9)]).toEqual([true, false]);
    node.change(9, { name: 'all' });
    node.change(9, { name: 'eth9' });
    expect([node.hasActor(9), node.status.problems]).toEqual([true, []]);
  });

  test('and is ignored before and after changes nothing, unless it has another name', () => {
    const node = threeUplinks();
    node.find(facts({ index: 9, name: 'docker0' }));
    const { ignored } = node.context;
    node.change(9, { mtu: 1400 });
    expect(node.context.ignored).toBe(ignored);
    node.change(9, { name: 'docker1' });
    expect(node.context.ignored.get(9)?.name).toBe('docker1');
    node.change(9, { name: 'all' });
    expect(node.status.problems.map(({ subject }) => subject)).toEqual(['all']);
  });

  test('and was ignored is forgotten when it is lost', () => {
    const node = threeUplinks();
    node.find(facts({ index: 9, name: 'all' }));
    node.lose(9);
    expect([node.context.ignored.size, node.status.problems]).toEqual([0, []]);
  });

  test('without carrier, and goes, is wanted no more', () => {
    const node = threeUplinks();
    const wanted = () => node.context.intent.network.uplinks.map(({ name }) => name);
    for (const index of [2, 3, 4]) node.change(index, { hasCarrier: false });
    expect(wanted()).toEqual(['eth0', 'wlan0', 'wwan0']);
    node.lose(2);
    expect(wanted()).toEqual(['wlan0', 'wwan0']);
    node.find(facts({ index: 3, name: 'docker0' }));
    expect(wanted()).toEqual(['wwan0']);
    node.change(4, { name: 'docker1' });
    expect(wanted()).toEqual([]);
  });

  test('and is gone by the time that its last word comes says nothing', () => {
    const node = new NodeBench();
    const addresses = { ipv4: [address('192.168.42.5')], ipv6: [] };
    node.find(facts({ index: 2, name: 'eth0' }));
    node.find(facts({ index: 3, name: 'wlan0', addresses, defaultRoutes: [] }));
    node.actor.on('state', ({ index, to }) => {
      if (index === 2 && to === null) node.lose(3);
    });
    node.find(facts({ index: 2, name: 'eth0', addresses, defaultRoutes: [] }));
    expect([[...node.context.views.keys()], [...node.context.ways.keys()]]).toEqual([[2], [2]]);
  });

  const entries = (types: readonly ('wifi' | null)[]): Config => ({
    ...defaultConfig,
    uplinks: types.map((type, i) => ({
      match: { driver: `driver${i}` },
      type,
      gateway: { ipv4: null, ipv6: null },
      dhcp: false,
      policy: null,
    })),
  });
  const driven = (driver: string) => ({ device: { driver, deviceType: null, bus: null, usb: null } });

  test('its type, or the entry of the configuration that it falls under, is a new one', () => {
    const node = new NodeBench(entries([null, null]));
    node.find(facts(driven('driver9')));
    const paths = [node.context.ways.get(2)?.pathIds.ipv4];
    for (const device of [
      { device: { ...driven('x').device, deviceType: 'wlan' } },
      driven('driver0'),
      driven('driver1'),
    ]) {
      node.change(2, device);
      paths.push(node.context.ways.get(2)?.pathIds.ipv4);
    }
    expect(new Set(paths).size).toBe(4);
    node.change(2, { mtu: 1400 });
    expect(node.context.ways.get(2)?.pathIds.ipv4).toBe(paths[3]);
  });

  test('keeps what its type rests on while it is the same', () => {
    const node = threeUplinks();
    node.change(2, { device: { driver: 'e1000e', deviceType: null, bus: 'pci', usb: null } });
    expect([node.interface('eth0')?.evidence, node.interface('eth0')?.driver]).toEqual([
      'its name matches eth*',
      'e1000e',
    ]);
  });
});

describe('DISC-5: a shared address', () => {
  const shared = (index: number, name: string, ...others: readonly string[]) =>
    facts({
      index,
      name,
      addresses: { ipv4: ['192.168.42.5', ...others].map((text) => address(text)), ipv6: [] },
      defaultRoutes: [{ family: 'ipv4', gateway: '192.168.42.1', table: 254, metric: 100, protocol: 16 }],
    });

  test('goes to the better one whichever comes first, and back when that one is ignored', () => {
    const node = new NodeBench();
    node.find(shared(3, 'wlan0'));
    node.find(facts({ index: 9, name: 'eth9' }));
    expect(node.interface('wlan0')?.candidate).toBe(true);
    node.find(shared(2, 'eth0'));
    expect(node.interface('wlan0')?.candidate).toBe(false);
    node.change(2, { name: 'docker0' });
    expect(node.interface('wlan0')?.candidate).toBe(true);
  });

  test('that goes to another owner is told as that one’s', () => {
    const node = new NodeBench();
    node.find(shared(4, 'wwan0'));
    node.find(shared(3, 'wlan0'));
    expect(node.interface('wwan0')?.notCandidateBecause).toBe('wlan0 has 192.168.42.5 too, and is preferred');
    node.find(shared(2, 'eth0'));
    expect(node.interface('wwan0')?.notCandidateBecause).toBe('eth0 has 192.168.42.5 too, and is preferred');
    node.lose(2);
    expect(node.interface('wwan0')?.notCandidateBecause).toBe('wlan0 has 192.168.42.5 too, and is preferred');
  });

  test('more, or another one, is told to the one that lost it', () => {
    const node = new NodeBench();
    node.find(shared(2, 'eth0'));
    node.find(shared(3, 'wlan0', '192.168.42.6', '192.168.42.7'));
    const own = () => node.context.ways.get(3)?.uplink.paths.ipv4?.addresses.map((one) => one.address);
    expect(own()).toEqual(['192.168.42.6', '192.168.42.7']);
    node.change(2, shared(2, 'eth0', '192.168.42.6'));
    expect(own()).toEqual(['192.168.42.7']);
    node.change(2, shared(2, 'eth0', '192.168.42.7'));
    expect(own()).toEqual(['192.168.42.6']);
  });

  test('that stays as it was leaves everybody as they were', () => {
    const node = new NodeBench();
    for (const one of [shared(2, 'eth0'), shared(3, 'wlan0'), facts({ index: 9, name: 'eth9' })]) node.find(one);
    const [wlan, eth] = [node.context.uplinks.get(3), node.context.uplinks.get(9)];
    node.change(2, { mtu: 1400 });
    expect([node.context.uplinks.get(3) === wlan, node.context.uplinks.get(9) === eth]).toEqual([true, true]);
    node.change(3, { mtu: 1400 });
    expect(node.context.uplinks.get(3)?.claims).toBe(wlan?.claims);
    expect(node.interface('wlan0')?.candidate).toBe(false);
  });

  test('that its owner no longer has is free, and the clock goes on', () => {
    const node = new NodeBench();
    node.find(shared(3, 'wlan0'));
    node.clock.advance(5);
    node.find(shared(2, 'eth0'));
    expect([node.interface('wlan0')?.candidate, node.context.now]).toEqual([false, 5]);
    node.change(3, { mtu: 1400 });
    expect(node.interface('wlan0')?.candidate).toBe(false);
    node.change(2, facts());
    expect(node.interface('wlan0')?.candidate).toBe(true);
    node.change(2, shared(2, 'eth0'));
    node.clock.advance(5);
    node.lose(2);
    expect([node.interface('wlan0')?.candidate, node.context.now]).toEqual([true, 10]);
  });
});

describe('an actor that fails', () => {
  const breaking = (
    state: { isBroken: boolean },
    at: 'interface' | 'selection',
    action: 'abandonChallenge' | 'publish' | 'takeIn' = 'abandonChallenge',
  ) => {
    const fail = (): void => {
      if (state.isBroken) throw new Error('broken on purpose');
    };
    const actors =
      at === 'interface'
        ? { interface: interfaceMachine.provide({ actions: { abandon: fail } }) }
        : { selection: selectionMachine.provide({ actions: { [action]: fail } }) };
    return new NodeBench(defaultConfig, nodeMachine.provide({ actors }));
  };

  test('waits twice as long each time it fails in a row, from 100 ms to a minute', () => {
    const after = (count: number) => restartBackOff({ count, at: instant(0), message: '' });
    expect([1, 2, 3, 10, 11, 5000].map(after)).toEqual([100, 200, 400, 51_200, 60_000, 60_000]);
    expect(restartBackOff(undefined)).toBe(100);
  });

  test('is counted anew when it was well for ten minutes', () => {
    const state = { isBroken: true };
    const node = breaking(state, 'interface');
    node.find(facts());
    const failAfter = (wait: number): number | undefined => {
      state.isBroken = false;
      node.clock.advance(wait);
      state.isBroken = true;
      node.change(2, { hasCarrier: node.context.uplinks.get(2)?.facts.hasCarrier === false });
      return node.context.failures.get('interface 2')?.count;
    };
    expect(failAfter(599_999)).toBe(2);
    expect(failAfter(600_000)).toBe(1);
  });

  test('tells at what time it did', () => {
    const node = breaking({ isBroken: true }, 'interface');
    node.clock.advance(7);
    node.find(facts());
    expect(node.context.failures.get('interface 2')).toEqual({ count: 1, at: 7, message: 'broken on purpose' });
    node.lose(2);
    expect(node.context.failures.size).toBe(0);
  });

  test('has a path of its own when it is there again: what was measured before says nothing', () => {
    const state = { isBroken: false };
    const node = breaking(state, 'interface');
    node.find(facts());
    node.find(facts({ index: 3, name: 'wlan0' }));
    const paths = () => [2, 3].map((index) => node.context.ways.get(index)?.pathIds.ipv4);
    expect(paths()).toEqual(['10.0.2.5 via 10.0.2.1 #1.1', '10.0.3.5 via 10.0.3.1 #2.1']);
    state.isBroken = true;
    node.change(2, { hasCarrier: false });
    state.isBroken = false;
    node.change(2, { hasCarrier: true });
    node.clock.advance(100);
    expect(paths()).toEqual(['10.0.2.5 via 10.0.2.1 #3.1', '10.0.3.5 via 10.0.3.1 #2.1']);
  });

  test('ROUT-4: and chose for a family goes on from its choice: that is no switch', () => {
    const state = { isBroken: false };
    const node = breaking(state, 'selection');
    node.find(facts());
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.observe({ ipv4: 3 });
    node.settle([2, 3], 15);
    const choice = () => node.actor.getSnapshot().children['selection ipv4']?.getSnapshot().value;
    expect([node.activeName, choice()]).toEqual(['wlan0', { challenged: 'holding' }]);
    state.isBroken = true;
    node.send({ type: 'command.pin', name: 'wlan0' });
    expect(node.status.problems.map(({ subject }) => subject)).toEqual(['selection ipv4']);
    expect(node.context.actors.has('selection ipv4')).toBe(false);
    state.isBroken = false;
    node.send({ type: 'command.unpin' });
    node.clock.advance(100);
    expect([node.activeName, node.active()?.rule, node.switches]).toEqual(['wlan0', 'incumbent', []]);
    expect([node.status.problems, node.context.actors.has('selection ipv4')]).toEqual([[], true]);
    node.change(3, { hasCarrier: false });
    expect(node.activeName).toBe('eth0');
  });

  test('before it has chosen anything, or while there is nothing to choose, starts from nothing', () => {
    const state = { isBroken: true };
    const node = breaking(state, 'selection', 'publish');
    node.find(facts());
    node.observe();
    expect(node.status.problems.map(({ subject }) => subject)).toEqual(['selection ipv4', 'selection ipv6']);
    state.isBroken = false;
    node.clock.advance(100);
    expect([node.errors, node.status.problems]).toEqual([[], []]);
    const idle = breaking(state, 'selection', 'takeIn');
    idle.observe();
    state.isBroken = true;
    idle.find(facts());
    expect(idle.status.problems.map(({ subject }) => subject)).toEqual(['selection ipv4', 'selection ipv6']);
    expect(explain(idle.actor.getSnapshot(), 'eth0')).toMatchObject({ code: 'usage.invalid' });
    state.isBroken = false;
    idle.clock.advance(100);
    expect([idle.errors, idle.activeName]).toEqual([[], 'eth0']);
  });

  test('for one family leaves the other to be explained', () => {
    const state = { isBroken: false };
    const node = breaking(state, 'selection');
    node.find(facts());
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.observe({ ipv4: 3 });
    node.settle([2, 3], 15);
    state.isBroken = true;
    node.send({ type: 'command.pin', name: 'wlan0' });
    const explanation = explain(node.actor.getSnapshot(), 'eth0');
    expect('uplinks' in explanation && explanation.uplinks.map(({ family }) => family)).toEqual(['ipv6']);
  });

  test('as soon as it is started anew leaves nothing of the one before', () => {
    const state = { isBroken: false };
    const node = breaking(state, 'interface');
    node.find(facts());
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.observe();
    const wanted = () => node.context.intent.network.uplinks.map(({ name }) => name);
    node.change(2, { hasCarrier: false });
    expect(wanted()).toEqual(['eth0', 'wlan0']);
    state.isBroken = true;
    node.find(facts({ hasCarrier: false }));
    expect(wanted()).toEqual(['wlan0']);
  });

  test('and whose interface was found anew meanwhile is not started twice', () => {
    const state = { isBroken: true };
    const node = breaking(state, 'interface');
    node.find(facts());
    state.isBroken = false;
    node.find(facts());
    const path = node.context.ways.get(2)?.pathIds.ipv4;
    node.clock.advance(1000);
    expect([node.context.ways.get(2)?.pathIds.ipv4, node.status.problems]).toEqual([path, []]);
  });
});
