import { describe, expect, test } from 'vitest';
import { memoryOf } from '../../../../src/machines/interface/memory.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { Measured, UplinkMemory } from '../../../../src/model/memory.ts';
import { instant, minutes } from '../../../../src/model/units.ts';
import { answered, badRound, facts, goodRound, lost, round, targets } from '../examples.ts';
import { InterfaceBench } from '../interface-bench.ts';
import { NodeBench } from '../node-bench.ts';

const measured = (overrides: Partial<Measured> = {}): Measured => ({
  source: '10.0.2.5',
  gateway: '10.0.2.1',
  verdict: 'healthy',
  rounds: [goodRound(-1)],
  ...overrides,
});
const memory = (overrides: Partial<UplinkMemory> = {}): UplinkMemory => ({
  lifecycle: { state: 'up', since: instant(-60_000) },
  damping: { merit: 0, at: instant(0), isSuppressed: false },
  measured: { ipv4: measured(), ipv6: null },
  ...overrides,
});
const recall = (bench: InterfaceBench, remembered: UplinkMemory): void =>
  bench.actor.send({ type: 'uplink.remembered', index: 2, memory: remembered, at: bench.clock.now() });

describe('ROUT-8: what the run before knew', () => {
  test('goes on: one more failed round is one more in a row, and a good one ends the row', () => {
    const patient = { ...defaultConfig, probe: { ...defaultConfig.probe, downThreshold: 3 } };
    const bench = new InterfaceBench(facts(), patient);
    const rounds = [badRound(1), badRound(2)];
    recall(bench, memory({ measured: { ipv4: measured({ verdict: 'failed', rounds }), ipv6: null } }));
    bench.judge('failed');
    expect(bench.context.health.ipv4).toMatchObject({ verdict: 'failed', consecutiveFailures: 3 });
    bench.judge('healthy');
    expect(bench.context.health.ipv4.consecutiveFailures).toBe(0);
  });

  test('leaves a lossy link one that is: its window goes on, and what this run did is counted apart', () => {
    const rounds = Array.from({ length: 10 }, (_, i) =>
      round(i + 50, [answered(), i < 5 ? lost(targets[1]) : answered(targets[1])]),
    );
    const bench = new InterfaceBench(facts(), defaultConfig);
    recall(bench, memory({ measured: { ipv4: measured({ verdict: 'degraded', rounds }), ipv6: null } }));
    bench.judge('healthy');
    expect(bench.context.health.ipv4).toMatchObject({
      verdict: 'degraded',
      lostSamples: 4,
      finishedRounds: 1,
      lifetime: { totalProbes: 2 },
    });
  });

  test('comes as it was through one run after another', () => {
    const first = new InterfaceBench(facts(), defaultConfig);
    for (let i = 0; i < 15; i++) first.judge(i % 4 === 0 ? 'degraded' : 'healthy');
    first.reach('up');
    const second = new InterfaceBench(facts(), defaultConfig);
    recall(second, memoryOf(first.context));
    const third = new InterfaceBench(facts(), defaultConfig);
    recall(third, memoryOf(second.context));
    const { figures, verdict, consecutiveFailures } = first.context.health.ipv4;
    expect(third.context.health.ipv4).toMatchObject({ figures, verdict, consecutiveFailures });
    expect(third.state).toBe(first.state);
  });

  test('holds nobody back for longer than the ceiling of penalties does', () => {
    const bench = new InterfaceBench();
    recall(bench, memory({ damping: { merit: 1e300, at: instant(0), isSuppressed: true } }));
    bench.clock.advance(145_000);
    expect(bench.context.isSuppressed).toBe(false);
  });

  test('moves no traffic: the incumbent is not left, and no other is taken, before they were probed', () => {
    const node = new NodeBench();
    node.find(facts({ index: 2, name: 'eth0' }));
    node.find(facts({ index: 3, name: 'wlan0' }));
    const failed = measured({ verdict: 'failed', rounds: [badRound(1), badRound(2), badRound(3)] });
    const other = measured({ source: '10.0.3.5', gateway: '10.0.3.1' });
    node.send({
      type: 'uplink.remembered',
      index: 2,
      memory: memory({ lifecycle: { state: 'down', since: instant(0) }, measured: { ipv4: failed, ipv6: null } }),
    });
    node.send({ type: 'uplink.remembered', index: 3, memory: memory({ measured: { ipv4: other, ipv6: null } }) });
    node.observe({ ipv4: 2 });
    expect(node.interface('eth0')).toMatchObject({ state: 'down', verdict: { ipv4: 'failed' } });
    expect(node.interface('wlan0')).toMatchObject({ state: 'up', verdict: { ipv4: 'healthy' } });
    expect(node.activeName).toBe('eth0');
    node.probe(3, [answered(), answered(targets[1])]);
    expect(node.activeName).toBe('eth0');
    node.probe(2, [lost(), lost(targets[1])]);
    expect(node.activeName).toBe('wlan0');
  });
});

test('after a sleep of the machine no uplink is left before it was probed', () => {
  const node = new NodeBench();
  node.find(facts({ index: 2, name: 'eth0' }));
  node.find(facts({ index: 3, name: 'wlan0' }));
  node.observe();
  for (const index of [2, 3]) node.probe(index, [answered(), answered(targets[1])]);
  const switches = node.switches.length;
  node.send({ type: 'node.resumed', slept: minutes(60) });
  node.probe(3, [answered(), answered(targets[1])]);
  expect(node.activeName).toBe('eth0');
  expect(node.switches).toHaveLength(switches);
});
