import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import type { DepartureDecided } from '../../../src/machines/departure.context.ts';
import { departureMachine } from '../../../src/machines/departure.machine.ts';
import { nodeMachine } from '../../../src/machines/node.machine.ts';
import { defaultConfig, type Config } from '../../../src/model/config.ts';
import { instant, milliseconds } from '../../../src/model/units.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { address, facts, lost } from './examples.ts';
import { NodeBench, threeUplinks } from './node-bench.ts';

const path = { addresses: [address('10.0.2.5')], gateway: '10.0.2.1' };
const works = { isDead: false, hasWayOut: true };
const isStranded = { isDead: true, hasWayOut: true };
const isTrapped = { isDead: true, hasWayOut: false };

/** The actor of an uplink that was left, and what it told its parent. */
function bench(isExpensive: boolean, linger = 30_000) {
  const clock = new DiscreteClock();
  clock.advance(100);
  const told: DepartureDecided[] = [];
  const input = {
    index: 2,
    name: 'wwan0',
    family: 'ipv4',
    path,
    isExpensive,
    linger: milliseconds(linger),
    at: clock.now(),
  } as const;
  const isDecision = (event: { readonly type: string }): event is DepartureDecided =>
    event.type === 'departure.decided';
  const actor = createActor(departureMachine, {
    input,
    clock,
    inspect: (seen) => {
      if (seen.type === '@xstate.event' && isDecision(seen.event)) told.push(seen.event);
    },
  }).start();
  const stand = (standing: typeof works): unknown => {
    actor.send({ type: 'standing.changed', ...standing, at: clock.now() });
    return actor.getSnapshot().value;
  };
  const value = () => actor.getSnapshot().value;
  return { clock, told, stand, value, actor };
}

describe('ROUT-6: an uplink that was left', () => {
  test.each([
    ['finishing', 'free and works', false, works],
    ['lingering', 'expensive and works', true, works],
    ['ended', 'free and dead, with a way out elsewhere', false, isStranded],
    ['ended', 'expensive and dead, with a way out elsewhere', true, isStranded],
    ['trapped', 'dead, as all else is', false, isTrapped],
    ['trapped', 'expensive and dead, as all else is', true, isTrapped],
  ])('is %s when it is %s', (state, _, isExpensive, standing) => {
    expect(bench(isExpensive).stand(standing)).toBe(state);
  });

  test.each([
    [false, [works, isTrapped, works, isStranded, works], ['finishing', 'trapped', 'finishing', 'ended', 'finishing']],
    [true, [works, isTrapped, works, isStranded, works], ['lingering', 'trapped', 'lingering', 'ended', 'ended']],
    [true, [works, isStranded, isTrapped, works], ['lingering', 'ended', 'ended', 'ended']],
    [false, [isTrapped, isTrapped, isStranded], ['trapped', 'trapped', 'ended']],
    [false, [isStranded, isTrapped, works, isTrapped], ['ended', 'ended', 'finishing', 'trapped']],
    [true, [works, works], ['lingering', 'lingering']],
  ])('expensive %s: goes as it stands', (isExpensive, standings, states) => {
    const { stand } = bench(isExpensive);
    expect(standings.map(stand)).toEqual(states);
  });

  test('has its flows ended when it is dead, and the order revoked when it works again', () => {
    const { clock, told, stand } = bench(false);
    stand(works);
    expect(told).toEqual([]);
    clock.advance(5);
    stand(isStranded);
    const decided = { type: 'departure.decided', index: 2, family: 'ipv4' };
    const order = { index: 2, name: 'wwan0', family: 'ipv4', path, since: 105 };
    expect(told).toEqual([{ ...decided, stranded: { ...order, because: 'wwan0 leads nowhere any more' }, at: 105 }]);
    clock.advance(5);
    stand(works);
    expect(told.at(-1)).toEqual({ ...decided, stranded: null, at: 110 });
  });

  test('that costs money has its flows ended when they had their time, to the millisecond', () => {
    const { clock, told, stand, value, actor } = bench(true);
    stand(works);
    clock.advance(29_999);
    expect([value(), told]).toEqual(['lingering', []]);
    clock.advance(1);
    expect(value()).toBe('ended');
    expect(told.map(({ stranded, at }) => [stranded?.because, stranded?.since, at])).toEqual([
      ['wwan0 costs money, and its flows had 30s to finish', 30_100, 30_100],
    ]);
    expect([actor.getSnapshot().context.now, clock.pending]).toEqual([30_100, 0]);
  });

  test('without any linger has them ended at once, and none that came later', () => {
    const { clock, told, stand } = bench(true, 0);
    stand(works);
    clock.advance(0);
    expect(told).toHaveLength(1);
    stand(works);
    expect(told).toHaveLength(1);
  });

  test('starts out as one that works', () => {
    expect(bench(true).actor.getSnapshot().context).toMatchObject({ ...works, now: 100 });
  });
});

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
  });

  test('starts the actor of a departure that fails again, with how it stands', () => {
    const state = { isBroken: true };
    const broken = departureMachine.provide({
      actions: {
        revoke: () => {
          if (state.isBroken) throw new Error('broken on purpose');
        },
      },
    });
    const node = new NodeBench(defaultConfig, nodeMachine.provide({ actors: { departure: broken } }));
    for (const [index, name] of [
      [2, 'eth0'],
      [3, 'wlan0'],
    ] as const)
      node.find(facts({ index, name }));
    node.observe();
    node.settle([2, 3], 30);
    for (let i = 0; i < 2; i++) node.bad(2);
    node.good(2);
    expect(node.status.problems.map(({ subject }) => subject)).toEqual(['departure ipv4-2']);
    state.isBroken = false;
    for (let i = 0; i < 2; i++) node.bad(2);
    node.clock.advance(100);
    expect([node.status.problems, stranded(node).map(([name]) => name)]).toEqual([[], ['eth0']]);
    expect(node.context.actors.has('departure ipv4-2')).toBe(true);
  });
});
