import { describe, expect, test } from 'vitest';
import { interfaceMachine } from '../../../../src/machines/interface/interface.machine.ts';
import { memoryOf, recall } from '../../../../src/machines/interface/memory.decisions.ts';
import { nodeMachine } from '../../../../src/machines/node/node.machine.ts';
import { memoriesOf } from '../../../../src/machines/status/status.selectors.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { Measured, UplinkMemory } from '../../../../src/model/memory.ts';
import { instant, milliseconds } from '../../../../src/model/units.ts';
import { address, answered, badRound, facts, goodRound, hastyConfig, lost, round, targets } from '../examples.ts';
import { InterfaceBench } from '../interface-bench.ts';
import { NodeBench, threeUplinks } from '../node-bench.ts';

const measured = (overrides: Partial<Measured> = {}): Measured => ({
  source: '10.0.2.5',
  gateway: '10.0.2.1',
  verdict: 'healthy',
  rounds: [goodRound(7), goodRound(8)],
  ...overrides,
});
const memory = (overrides: Partial<UplinkMemory> = {}): UplinkMemory => ({
  lifecycle: { state: 'up', since: instant(-50_000) },
  damping: { merit: 0, at: instant(-1000), isSuppressed: false },
  measured: { ipv4: measured(), ipv6: null },
  ...overrides,
});
const remember = (bench: InterfaceBench, remembered: UplinkMemory): InterfaceBench => {
  bench.actor.send({ type: 'uplink.remembered', index: 2, memory: remembered, at: bench.clock.now() });
  return bench;
};
const resume = (bench: InterfaceBench, slept: number): void =>
  bench.actor.send({ type: 'node.resumed', slept: milliseconds(slept), at: bench.clock.now() });

describe('what is remembered of an uplink', () => {
  test('is its state, its penalty and the rounds that its verdict rests on', () => {
    const bench = new InterfaceBench().reach('up');
    expect(memoryOf(bench.context)).toEqual({
      lifecycle: { state: 'up', since: 10_000 },
      damping: { merit: 0, at: 0, isSuppressed: false },
      measured: { ipv4: measured({ rounds: [goodRound(1)] }), ipv6: null },
    });
  });

  test('are no more rounds than the window has samples, the latest, and none that only asked about a target', () => {
    const bench = new InterfaceBench(facts(), { ...hastyConfig, probe: { ...hastyConfig.probe, downThreshold: 5 } });
    for (let id = 1; id <= 4; id++) bench.probe(goodRound(id));
    bench.probe(round(5, [answered()], 'crossCheck'));
    expect(memoryOf(bench.context).measured.ipv4?.rounds.map(({ id }) => id)).toEqual([3, 4]);
  });

  test('is nothing measured without a path, or before the first round', () => {
    const bench = new InterfaceBench();
    expect(memoryOf(bench.context).measured).toEqual({ ipv4: null, ipv6: null });
    bench.judge('healthy');
    bench.change({ hasCarrier: false });
    expect(memoryOf(bench.context).measured.ipv4).toBeNull();
  });

  test('is told of every interface that has an actor', () => {
    const node = threeUplinks();
    node.find(facts({ index: 9, name: 'docker0' }));
    expect(
      memoriesOf(node.actor.getSnapshot()).map(({ facts: { name }, memory: { lifecycle } }) => [
        name,
        lifecycle?.state,
      ]),
    ).toEqual([
      ['eth0', 'probing'],
      ['wlan0', 'probing'],
      ['wwan0', 'probing'],
    ]);
  });
});

describe('an uplink that is remembered', () => {
  test.each(['up', 'degraded', 'down'] as const)('goes on as %s, since when it was', (state) => {
    const verdicts = { up: goodRound(1), degraded: round(1, [answered(), lost(targets[1])]), down: badRound(1) };
    const remembered = memory({
      lifecycle: { state, since: instant(-50_000) },
      measured: { ipv4: measured({ rounds: [verdicts[state]] }), ipv6: null },
    });
    const { state: now, context } = remember(new InterfaceBench(), remembered);
    expect([now, context.since, context.pending]).toEqual([state, -50_000, null]);
  });

  test('is judged by its rounds, which come before all of this run and count as none of it', () => {
    const { context, told } = remember(new InterfaceBench(), memory());
    const { rounds, verdict, finishedRounds } = context.health.ipv4;
    expect([rounds, verdict, finishedRounds]).toEqual([[goodRound(-2), goodRound(-1)], 'healthy', 0]);
    // It moves no traffic before it was probed.
    expect(told.at(-1)?.view.contenders.ipv4.verdict).toBe('unknown');
    expect(told.at(-1)?.view.lifecycle).toBe('up');
  });

  test.each([
    ['left from another address', { source: '10.0.2.77' }],
    ['left by another gateway', { gateway: '10.0.2.9' }],
    ['asked targets that are configured no more', { rounds: [round(1, [answered('tcp://9.9.9.9:53')])] }],
  ])('starts anew where its rounds %s', (_, other) => {
    const remembered = memory({ measured: { ipv4: measured(other), ipv6: null } });
    const { state, context } = remember(new InterfaceBench(), remembered);
    expect([state, context.health.ipv4.verdict, context.health.ipv4.rounds]).toEqual(['probing', 'unknown', []]);
  });

  test('leaves out what was asked of targets that are configured no more', () => {
    const mixed = round(1, [answered('tcp://9.9.9.9:53', 400), answered(targets[0], 20)]);
    const remembered = memory({ measured: { ipv4: measured({ rounds: [mixed] }), ipv6: null } });
    expect(remember(new InterfaceBench(), remembered).context.health.ipv4.figures.avgRttMs).toBe(20);
  });

  test('starts anew where its state is too old, or was probing, or where it has no carrier now', () => {
    const old = remember(new InterfaceBench(), memory({ lifecycle: null }));
    expect([old.state, old.told.at(-1)?.view.contenders.ipv4.score]).toEqual(['probing', 1070]);
    const probing = { state: 'probing', since: instant(-9) } as const;
    expect(remember(new InterfaceBench(), memory({ lifecycle: probing })).context).toMatchObject({
      lifecycle: 'probing',
      since: 0,
      pending: { to: 'up' },
    });
    expect(remember(new InterfaceBench(facts({ hasCarrier: false })), memory()).state).toBe('down');
  });

  test('on a link that has no path now has nothing measured', () => {
    const { context } = remember(new InterfaceBench(facts({ defaultRoutes: [] })), memory());
    expect(context.health.ipv4.rounds).toEqual([]);
  });

  test('is probed anew in a family of which nothing was measured', () => {
    const bySixRouter = { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 } as const;
    const addresses = { ...facts().addresses, ipv6: [address('2001:db8::5', 64)] };
    const dual = facts({ addresses, defaultRoutes: [...facts().defaultRoutes, bySixRouter] });
    const { state, context } = remember(new InterfaceBench(dual), memory());
    expect([state, context.health.ipv4.verdict, context.health.ipv6.verdict]).toEqual(['up', 'healthy', 'unknown']);
  });

  test('has no say against the least penalty of this run', () => {
    const { context } = new InterfaceBench();
    const flapped = { ...context, damping: { merit: 0.5, at: instant(0) } };
    expect(recall(flapped, memory(), instant(0))).toBe(flapped);
  });

  test('is taken at its word only where the actor knows nothing itself', () => {
    const probed = new InterfaceBench();
    probed.judge('failed');
    const before = probed.context;
    expect(remember(probed, memory()).context).toBe(before);
    const flapped = new InterfaceBench();
    flapped.change({ hasCarrier: false });
    flapped.change({ hasCarrier: true });
    expect(remember(flapped, memory()).context.health.ipv4.rounds).toEqual([]);
  });

  test('SEL-2: is held back for as long as its penalty lasts, which decayed meanwhile', () => {
    const damping = { merit: 3000, at: instant(-60_000), isSuppressed: true };
    const bench = new InterfaceBench();
    bench.clock.advance(10);
    remember(bench, memory({ damping }));
    expect([bench.context.isSuppressed, bench.context.damping.merit, bench.context.now]).toEqual([true, 3000, 10]);
    expect(bench.told.at(-1)).toMatchObject({ at: 10, view: { contenders: { ipv4: { isSuppressed: true } } } });
    bench.clock.advance(59_990);
    expect(bench.context.isSuppressed).toBe(true);
    bench.clock.advance(1);
    expect(bench.context.isSuppressed).toBe(false);
  });

  test.each([
    [true, 3000, false, -1],
    [true, 1500, true, -1],
    [false, 1500, false, -1],
    [false, 3000, true, -200_000],
    [false, 0, false, -1],
    [true, 750, true, 0],
  ])('SEL-2: held back now %s, with a penalty of %d and held back then %s, at %d', (now, merit, then, at) => {
    const damping = { merit, at: instant(at), isSuppressed: then };
    expect(remember(new InterfaceBench(), memory({ damping })).context.isSuppressed).toBe(now);
  });
});

describe('a machine that was asleep', () => {
  test('has measured nothing, and probes by new paths', () => {
    const bench = new InterfaceBench().reach('up');
    const { pathIds } = bench.context;
    bench.judge('degraded');
    resume(bench, 60_000);
    const { health, pathIds: now, generations, lifecycle, pending } = bench.context;
    expect([health.ipv4.verdict, health.ipv4.rounds, lifecycle, pending]).toEqual(['unknown', [], 'up', null]);
    expect([pathIds.ipv4, now, generations]).toEqual([
      '10.0.2.5 via 10.0.2.1 #1.1',
      { ipv4: '10.0.2.5 via 10.0.2.1 #1.2', ipv6: null },
      { ipv4: 2, ipv6: 0 },
    ]);
  });

  test('SEL-2: lets go of an uplink whose penalty has decayed meanwhile, and waits on for one whose has not', () => {
    const flap = (bench: InterfaceBench): void => {
      for (let i = 0; i < 3; i++) {
        bench.change({ hasCarrier: false });
        bench.change({ hasCarrier: true });
      }
    };
    const slept = new InterfaceBench();
    flap(slept);
    slept.clock.advance(1000);
    resume(slept, 200_000);
    expect([slept.context.isSuppressed, slept.clock.pending]).toEqual([false, 0]);
    expect(slept.told.at(-1)).toMatchObject({ at: 1000, view: { contenders: { ipv4: { isSuppressed: false } } } });
    const napped = new InterfaceBench();
    flap(napped);
    resume(napped, 60_000);
    expect(napped.context.isSuppressed).toBe(true);
    napped.clock.advance(60_000);
    expect(napped.context.isSuppressed).toBe(true);
    napped.clock.advance(1);
    expect(napped.context.isSuppressed).toBe(false);
  });

  test('tells every uplink, whose probes go on by new paths; and what one remembers is told to that one', () => {
    const node = new NodeBench();
    node.find(facts());
    node.find(facts({ index: 3, name: 'wlan0' }));
    node.observe();
    node.clock.advance(5);
    node.send({ type: 'node.resumed', slept: milliseconds(60_000) });
    expect([node.context.intent.probes.map(({ path }) => path), node.context.now]).toEqual([
      ['10.0.2.5 via 10.0.2.1 #1.2', '10.0.3.5 via 10.0.3.1 #2.2'],
      5,
    ]);
    node.clock.advance(5);
    node.send({ type: 'uplink.remembered', index: 2, memory: memory() });
    expect([node.interface('eth0')?.state, node.interface('wlan0')?.state, node.context.now]).toEqual([
      'up',
      'probing',
      10,
    ]);
  });

  test('or that remembers has a clock that goes on, whoever is there', () => {
    const node = new NodeBench();
    node.clock.advance(5);
    node.send({ type: 'node.resumed', slept: milliseconds(1) });
    expect(node.context.now).toBe(5);
    node.clock.advance(5);
    node.send({ type: 'uplink.remembered', index: 77, memory: memory() });
    expect(node.context.now).toBe(10);
  });

  test('while an actor is being started again has nobody fail for it, and nothing of it to remember', () => {
    const broken = interfaceMachine.provide({
      actions: {
        abandon: () => {
          throw new Error('broken on purpose');
        },
      },
    });
    const node = new NodeBench(defaultConfig, nodeMachine.provide({ actors: { interface: broken } }));
    node.find(facts());
    node.send({ type: 'node.resumed', slept: milliseconds(1) });
    expect([node.errors, memoriesOf(node.actor.getSnapshot())]).toEqual([[], []]);
  });

  test('knows nothing of an address that came later', () => {
    const bench = remember(new InterfaceBench(), memory());
    bench.change({ addresses: { ipv4: [address('10.0.2.77')], ipv6: [] } });
    expect(bench.context.health.ipv4.rounds).toEqual([]);
  });
});
