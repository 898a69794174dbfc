import { createActor } from 'xstate';
import { describe, expect, onTestFinished, test } from 'vitest';

import { traceOf } from '../../../src/inspection/trace.ts';
import { interfaceMachine } from '../../../src/machines/interface/interface.machine.ts';
import { nodeMachine } from '../../../src/machines/node/node.machine.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import type { Step, TraceItem } from '../../../src/model/trace.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { facts, targets } from '../machines/examples.ts';
import { NodeBench, threeUplinks } from '../machines/node-bench.ts';

const optionsOf = ({ clock }: Pick<NodeBench, 'clock'>) => ({
  now: () => clock.now(),
  wallTime: (at: number) => new Date(at).toISOString(),
});

/** What is told of a node from now on. */
function traced(node: NodeBench): TraceItem[] {
  const items: TraceItem[] = [];
  onTestFinished(traceOf(node.actor, optionsOf(node), (item) => items.push(item)));
  return items;
}

const stepsIn = (items: readonly TraceItem[]): readonly Step[] =>
  items.flatMap((item) => (item.type === 'step' ? [item.step] : []));
const actorIn = (items: readonly TraceItem[], id: string) =>
  items.findLast((item) => item.type === 'step' && item.actor.id === id);
const brief = (item: TraceItem): string => {
  if (item.type === 'step') return `${item.step.actor} took ${item.step.event} from ${item.step.from}`;
  if (item.type === 'actor.started') return `${item.actor.id} started`;
  if (item.type === 'actor.ended') return `${item.id} ended`;
  return item.type === 'told' ? `told ${item.emission.type}` : `${item.actors.length} actors`;
};

describe('the beginning', () => {
  test('shows all actors as they stand, however late one looks', () => {
    const node = threeUplinks();
    node.good(2);
    node.clock.advance(4000);
    const [first, ...others] = traced(node);
    expect(others).toEqual([]);
    if (first?.type !== 'actors') throw new Error('no actors');
    expect([first.at, first.wallTime]).toEqual([4000, '1970-01-01T00:00:04.000Z']);
    expect(first.actors.map(({ id, machine, label }) => [id, machine, label])).toEqual([
      ['node', 'node', 'node'],
      ['interface.2', 'interface', 'eth0'],
      ['interface.3', 'interface', 'wlan0'],
      ['interface.4', 'interface', 'wwan0'],
      ['selection.ipv4', 'selection', 'IPv4'],
      ['selection.ipv6', 'selection', 'IPv6'],
    ]);
  });

  test('shows delays that began before with the instant at which they did', () => {
    const node = threeUplinks();
    node.clock.advance(1000);
    node.good(2);
    node.clock.advance(4000);
    const [first] = traced(node);
    expect(first?.type === 'actors' && first.actors[1]).toMatchObject({
      states: [
        'interface',
        'interface.lifecycle',
        'interface.lifecycle.probing',
        'interface.lifecycle.probing.rising',
        'interface.damping',
        'interface.damping.calm',
      ],
      timers: [
        { delay: 'probingToUp', state: 'interface.lifecycle.probing.rising', startedAt: 1000, duration: 10_000 },
      ],
    });
  });

  test('may come before the machines are started', () => {
    const clock = new DiscreteClock();
    const actor = createActor(nodeMachine, { input: { config: defaultConfig }, clock });
    const items: TraceItem[] = [];
    traceOf(actor, optionsOf({ clock }), (item) => items.push(item));
    actor.start();
    actor.send({ type: 'interface.found', at: clock.now(), facts: facts() });
    expect(items.map(brief)).toEqual([
      '1 actors',
      '1 actors',
      'node took interface.found from outside',
      'interface.2 started',
      'interface.2 took xstate.init from node',
      'node took interface.updated from interface.2',
      'told state',
    ]);
  });
});

describe('a step', () => {
  test('names the event, its sender, the transitions and the guards that held', () => {
    const node = threeUplinks();
    const items = traced(node);
    node.clock.advance(40);
    node.good(2, 14);
    const [first, second] = stepsIn(items);
    expect(first).toEqual({
      number: 1,
      at: 40,
      actor: 'node',
      event: 'probe.finished',
      detail: 'eth0, IPv4, 2 of 2 answered, 14 ms',
      from: 'outside',
      transitions: ['node|probe.finished|0'],
      guards: [],
    });
    expect(second).toMatchObject({
      number: 2,
      actor: 'interface.2',
      from: 'node',
      transitions: [
        'interface|probe.finished|0',
        'interface.lifecycle.probing|verdict.healthy|0',
        'interface|view.outdated|0',
      ],
    });
  });

  test('names the guard by which it went its way', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 60);
    const items = traced(node);
    node.change(2, { hasCarrier: false });
    expect(stepsIn(items).slice(0, 1)).toMatchObject([{ event: 'interface.changed', guards: ['isSameUplink'] }]);
    expect(actorIn(items, 'interface.2')).toMatchObject({
      actor: { states: expect.arrayContaining(['interface.lifecycle.down.steady']) as unknown, timers: [] },
    });
  });

  test('stands before the steps that it causes', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 60);
    const items = traced(node);
    node.change(2, { hasCarrier: false });
    expect(items.map(brief)).toEqual([
      '6 actors',
      'node took interface.changed from outside',
      'interface.2 took interface.changed from node',
      'node took interface.updated from interface.2',
      'told state',
      'selection.ipv4 took contender.changed from node',
      'selection.ipv6 took contender.changed from node',
      'node took selection.changed from selection.ipv4',
      'told switch',
      'departure.ipv4-2 started',
      'departure.ipv4-2 took standing.changed from node',
      'node took departure.decided from departure.ipv4-2',
    ]);
    expect(stepsIn(items).map(({ number }) => number)).toEqual(stepsIn(items).map((_, position) => position + 1));
  });

  test('of a delay that is over says so', () => {
    const node = threeUplinks();
    node.good(2);
    const items = traced(node);
    node.clock.advance(10_000);
    expect(stepsIn(items)[0]).toMatchObject({
      at: 10_000,
      actor: 'interface.2',
      from: 'delay',
      transitions: [
        'interface.lifecycle.probing.rising|xstate.after.probingToUp.interface.lifecycle.probing.rising|0',
        'interface.lifecycle.up|verdict.healthy|0',
        'interface|view.outdated|0',
      ],
    });
    expect(actorIn(items, 'interface.2')).toMatchObject({ actor: { timers: [] } });
  });

  test('that changes nothing is told without transitions', () => {
    const node = new NodeBench();
    node.observe();
    const items = traced(node);
    node.observe();
    expect(stepsIn(items)).toMatchObject([{ event: 'network.observed', transitions: [] }]);
  });
});

describe('an actor', () => {
  test('that is born and ends is told of', () => {
    const node = new NodeBench();
    const items = traced(node);
    node.find(facts());
    node.lose(2);
    expect(items.map(brief).filter((text) => text.startsWith('interface.2'))).toEqual([
      'interface.2 started',
      'interface.2 took xstate.init from node',
      'interface.2 ended',
    ]);
    expect(stepsIn(items).at(-1)).toMatchObject({ event: 'interface.lost', detail: 'eth0' });
  });

  test('that fails is told to end after the event at which it did, and to start again after its back-off', () => {
    const state = { isBroken: false };
    const machine = nodeMachine.provide({
      actors: {
        interface: interfaceMachine.provide({
          guards: {
            isMature: () => {
              if (state.isBroken) throw new Error('broken on purpose');
              return true;
            },
          },
        }),
      },
    });
    const node = new NodeBench(defaultConfig, machine);
    node.find(facts());
    node.observe();
    for (let i = 0; i < 4; i++) node.good(2);
    node.clock.advance(60_000);
    state.isBroken = true;
    const items = traced(node);
    while (node.hasActor(2)) node.bad(2);
    const failed = items.findIndex((item) => item.type === 'actor.ended');
    expect(items.slice(failed - 2).map(brief)).toEqual([
      'node took probe.finished from outside',
      'interface.2 took probe.finished from node',
      'interface.2 ended',
      'node took xstate.error.actor.interface 2 from interface.2',
      'told problem',
    ]);
    expect(items.findLast((item) => item.type === 'step')).toMatchObject({
      step: {
        detail: expect.stringContaining('broken on purpose') as unknown,
        transitions: ['node|xstate.error.actor.*|0'],
      },
      actor: { timers: [{ delay: 'restartBackOff', state: null, startedAt: 60_000, duration: 100 }] },
    });
    state.isBroken = false;
    items.length = 0;
    node.clock.advance(100);
    expect(items[0]).toMatchObject({ actor: { timers: [] } });
    expect(items.map(brief).slice(0, 3)).toEqual([
      'node took actor.restartDue from delay',
      'interface.2 started',
      'interface.2 took xstate.init from node',
    ]);
  });

  test('that fails when it is made has never been', () => {
    const machine = nodeMachine.provide({
      actors: {
        interface: interfaceMachine.provide({
          actions: {
            abandon: () => {
              throw new Error('broken on purpose');
            },
          },
        }),
      },
    });
    const node = new NodeBench(defaultConfig, machine);
    const items = traced(node);
    node.find(facts());
    expect(items.map(brief)).toEqual([
      '1 actors',
      'node took interface.found from outside',
      'node took xstate.error.actor.interface 2 from interface.2',
      'told problem',
    ]);
  });

  test('at the root that fails is told to end', () => {
    const machine = nodeMachine.provide({
      guards: {
        isIgnored: () => {
          throw new Error('broken on purpose');
        },
      },
    });
    const node = new NodeBench(defaultConfig, machine);
    const items = traced(node);
    node.find(facts());
    expect([items.map(brief), node.errors.length]).toEqual([
      ['1 actors', 'node took interface.found from outside', 'node ended'],
      1,
    ]);
  });

  test('and all others end with the root', () => {
    const node = threeUplinks();
    const actor = createActor(nodeMachine, { input: { config: defaultConfig }, clock: node.clock }).start();
    actor.send({ type: 'interface.found', at: node.clock.now(), facts: facts() });
    const items: TraceItem[] = [];
    traceOf(actor, optionsOf(node), (item) => items.push(item));
    actor.stop();
    expect(items.slice(1).map(brief)).toEqual(['interface.2 ended', 'node ended']);
  });
});

describe('what an actor knows', () => {
  const factsOf = (items: readonly TraceItem[], id: string) => {
    const all = items.flatMap((item) =>
      item.type === 'actors' ? item.actors : item.type === 'step' ? [item.actor] : [],
    );
    return Object.fromEntries(
      all.findLast((view) => view.id === id)?.facts.map(({ name, value }) => [name, value]) ?? [],
    );
  };

  test('is told of an interface with what it measures and what is pending', () => {
    const node = threeUplinks();
    const items = traced(node);
    node.good(2, 14);
    expect(factsOf(items, 'interface.2')).toEqual({
      type: 'ethernet',
      candidate: 'yes',
      IPv4: expect.stringMatching(/^healthy, 14 ms, 0 % lost, score \d+$/u) as unknown,
      IPv6: 'no way out',
      pending: 'to be up',
      flapping: 'no',
    });
    node.change(2, { hasCarrier: false });
    expect(factsOf(items, 'interface.2')).toMatchObject({ candidate: 'no: it has no carrier', pending: 'nothing' });
  });

  test('is told of a selection with the rule and its reason', () => {
    const node = threeUplinks();
    node.settle([2, 3, 4], 60);
    const items = traced(node);
    node.change(2, { hasCarrier: false });
    expect(factsOf(items, 'selection.ipv4')).toMatchObject({
      active: 'wlan0',
      chosen: expect.stringMatching(/^by the rule "usable": eth0 has lost its way out; wlan0 has one/u) as unknown,
      ranking: 'wlan0, wwan0',
      challenge: 'none',
    });
  });

  test('is told of the node with pins, targets at fault and problems', () => {
    const node = threeUplinks();
    const items = traced(node);
    node.send({ type: 'command.pin', name: 'wlan0' });
    node.send({ type: 'target.blamed', family: 'ipv4', target: targets[0], index: null });
    expect(factsOf(items, 'node')).toMatchObject({ pinned: 'wlan0', 'targets at fault': targets[0], uplinks: '3' });
  });
});

describe('whoever looks', () => {
  test('leaves nothing behind when the trace is ended', () => {
    const node = threeUplinks();
    const items: TraceItem[] = [];
    const end = traceOf(node.actor, optionsOf(node), (item) => items.push(item));
    end();
    node.good(2);
    expect(items.map(({ type }) => type)).toEqual(['actors']);
  });

  test('cannot make the machines fail: a fault ends the trace alone', () => {
    const node = threeUplinks();
    const defects: unknown[] = [];
    traceOf(node.actor, { ...optionsOf(node), onDefect: (error) => defects.push(error) }, ({ type }) => {
      if (type === 'step') throw new Error('no paper left');
    });
    node.settle([2, 3, 4], 60);
    expect([defects.map(String), node.errors, node.status.problems]).toEqual([['Error: no paper left'], [], []]);
    expect(node.interface('eth0')?.state).toBe('up');
  });
});
