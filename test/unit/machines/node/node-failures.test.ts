import { describe, expect, test } from 'vitest';
import { interfaceMachine } from '../../../../src/machines/interface/interface.machine.ts';
import { restartBackOff } from '../../../../src/machines/node/node.decisions.ts';
import { explain } from '../../../../src/machines/status/explain.selectors.ts';
import { nodeMachine } from '../../../../src/machines/node/node.machine.ts';
import { selectionMachine } from '../../../../src/machines/selection/selection.machine.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { instant } from '../../../../src/model/units.ts';
import { facts } from '../examples.ts';
import { NodeBench } from '../node-bench.ts';

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

  test('is left out of the status while it is being started again', () => {
    const node = breaking({ isBroken: true }, 'interface');
    node.find(facts());
    expect(node.status.interfaces).toEqual([]);
  });

  test('is explained without the time until its reuse, where it was held back', () => {
    const state = { isBroken: false };
    const node = breaking(state, 'interface');
    for (const index of [2, 3]) node.find(facts({ index, name: `eth${index}` }));
    node.observe();
    for (let flap = 0; flap < 3; flap++) {
      node.change(2, { hasCarrier: false });
      node.change(2, { hasCarrier: true });
    }
    const lifecycle = () => {
      const found = explain(node.actor.getSnapshot(), 'eth2');
      return 'uplinks' in found ? found.uplinks[0]?.rules.find(({ rule }) => rule === 'lifecycle')?.left : null;
    };
    expect(lifecycle()).toBe('is suppressed for flapping, for 121 s more');
    state.isBroken = true;
    node.change(2, { hasCarrier: false });
    expect(lifecycle()).toBe('is suppressed for flapping');
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
