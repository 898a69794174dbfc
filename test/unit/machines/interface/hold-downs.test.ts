import { describe, expect, test } from 'vitest';
import { address, answered, facts, goodRound, hastyConfig, lost, round, targets } from '../examples.ts';
import { InterfaceBench } from '../interface-bench.ts';

/** A bench that has been in this state for so long. */
function aged(state: 'probing' | 'up' | 'degraded' | 'down', age: number): InterfaceBench {
  const bench = new InterfaceBench();
  const enter = (verdict: 'healthy' | 'degraded' | 'failed', wait: number): void => {
    bench.judge(verdict);
    bench.clock.advance(wait);
  };
  if (state === 'up' || state === 'degraded') enter('healthy', 10_000);
  if (state === 'degraded') enter('degraded', 15_000);
  if (state === 'down') enter('failed', 5000);
  bench.clock.advance(age);
  return bench;
}

describe('LIFE-2: what is pending', () => {
  test.each([
    ['probing', 1000, 'healthy', 'up', 10_000],
    ['probing', 1000, 'degraded', 'degraded', 4000],
    ['probing', 1000, 'failed', 'down', 4000],
    ['up', 1000, 'degraded', 'degraded', 15_000],
    ['up', 6000, 'degraded', 'degraded', 15_000],
    ['up', 1000, 'failed', 'degraded', 4000],
    ['degraded', 1000, 'healthy', 'up', 4000],
    ['degraded', 1000, 'failed', 'down', 30_000],
    ['degraded', 6000, 'failed', 'down', 30_000],
    ['down', 6000, 'healthy', 'probing', 60_000],
    ['down', 6000, 'degraded', 'probing', 60_000],
  ] as const)('%s for %d ms, then %s: %s after %d ms, at that very instant', (from, age, verdict, to, wait) => {
    const bench = aged(from, age);
    expect(bench.state).toBe(from);
    const now = bench.clock.now();
    const { length } = bench.told;
    bench.judge(verdict);
    expect(bench.context.pending).toEqual({ to, since: now, dueAt: now + wait });
    bench.clock.advance(wait - 1);
    expect(bench.state).toBe(from);
    bench.clock.advance(5000);
    const { since, now: known } = bench.context;
    expect([bench.context.lifecycle === from, since, known >= now + wait]).toEqual([false, now + wait, true]);
    expect(bench.told.slice(length).find(({ view }) => view.lifecycle === to)?.at).toBe(now + wait);
  });

  test.each([
    ['probing', 'healthy'],
    ['up', 'degraded'],
    ['degraded', 'failed'],
    ['down', 'healthy'],
  ] as const)('%s: a new address cancels what a verdict %s made pending, and every timer', (from, verdict) => {
    const bench = new InterfaceBench().reach(from);
    bench.judge(verdict);
    expect(bench.context.pending).not.toBeNull();
    bench.change({ addresses: { ipv4: [address('10.0.2.77')], ipv6: [] } });
    expect([bench.context.pending, bench.clock.pending, bench.state]).toEqual([null, 0, from]);
  });

  test.each([
    ['probing', 'healthy', 'failed'],
    ['degraded', 'failed', 'degraded'],
    ['down', 'healthy', 'failed'],
  ] as const)('%s: of %s, then %s, only the latter counts', (from, first, second) => {
    const bench = new InterfaceBench().reach(from);
    if (from === 'degraded') bench.judge('degraded');
    bench.judge(first);
    bench.judge(second);
    expect(bench.context.pending).toBeNull();
  });

  test('is nothing in a state that has just been entered with a verdict that fits it', () => {
    const bench = new InterfaceBench().reach('up');
    expect([bench.context.pending, bench.clock.pending]).toEqual([null, 0]);
    const [update] = bench.told.slice(-1);
    expect(update?.view.lifecycle).toBe('up');
  });

  test('goes on where a state is entered with a verdict that points elsewhere', () => {
    const bench = new InterfaceBench().reach('up');
    bench.judge('failed');
    expect(bench.context.pending).toEqual({ to: 'down', since: 15_000, dueAt: 45_000 });
  });

  test('LIFE-1: losing the carrier in down leaves the state as old as it was', () => {
    const bench = new InterfaceBench().reach('down');
    const { since } = bench.context;
    bench.judge('healthy');
    bench.clock.advance(1000);
    bench.change({ hasCarrier: false });
    expect([bench.state, bench.context.since, bench.context.pending]).toEqual(['down', since, null]);
  });

  test('LIFE-1: losing the carrier twice is losing it once: the state is as old as it was', () => {
    const bench = new InterfaceBench().reach('up');
    bench.change({ hasCarrier: false });
    const { since } = bench.context;
    bench.clock.advance(1000);
    bench.change({ hasCarrier: false, addresses: { ipv4: [], ipv6: [] } });
    bench.change({ hasCarrier: true });
    bench.change({ hasCarrier: false });
    expect([bench.state, bench.context.since]).toEqual(['down', since]);
  });
});

describe('what the parent is told', () => {
  test('is the interface as it is found, once', () => {
    const { told } = new InterfaceBench();
    expect(told.map(({ type, index, view, at }) => [type, index, view.name, view.type, view.lifecycle, at])).toEqual([
      ['interface.updated', 2, 'eth0', 'ethernet', 'probing', 0],
    ]);
  });

  test('is nothing when nothing it knows has changed', () => {
    const bench = new InterfaceBench();
    const { length } = bench.told;
    bench.change({ mtu: 1400 });
    expect(bench.told).toHaveLength(length);
    const { view } = bench.context;
    bench.clock.advance(3);
    bench.change({ mtu: 1300 });
    expect([bench.context.view === view, bench.context.now]).toEqual([true, 3]);
  });

  test('HLTH-5: is another verdict after a late answer, which a round of an old path cannot change', () => {
    const bench = new InterfaceBench();
    const path = bench.context.pathIds.ipv4 ?? '';
    bench.probe(round(1, [lost(targets[0]), lost(targets[1])]));
    const late = { type: 'probe.answeredLate', index: 2, family: 'ipv4', round: 1, sample: answered() } as const;
    bench.actor.send({ ...late, path: 'another', at: bench.clock.now() });
    expect(bench.context.health.ipv4.verdict).toBe('failed');
    bench.actor.send({ ...late, path, at: bench.clock.now() });
    expect(bench.told.at(-1)?.view.contenders.ipv4.verdict).toBe('degraded');
  });

  test('SEL-2: is that it is held back, and when it is let go again', () => {
    const bench = new InterfaceBench();
    bench.judge('healthy');
    for (let i = 0; i < 3; i++) {
      bench.judge('failed');
      bench.judge('healthy');
    }
    expect(bench.context.isSuppressed).toBe(true);
    expect(bench.told.at(-1)?.view.contenders.ipv4.isSuppressed).toBe(true);
    bench.clock.advance(130_000);
    const release = bench.told.find(({ view, at }) => at > 100_000 && !view.contenders.ipv4.isSuppressed);
    expect([release?.at, bench.context.isSuppressed]).toEqual([120_001, false]);
  });

  test('SEL-2: losses of reachability while it is held back keep it so for longer', () => {
    const bench = new InterfaceBench();
    bench.judge('healthy');
    for (let i = 0; i < 4; i++) {
      bench.judge('failed');
      bench.judge('healthy');
    }
    expect(bench.context.damping.merit).toBe(4000);
    bench.clock.advance(144_902);
    expect(bench.context.isSuppressed).toBe(true);
    bench.clock.advance(1000);
    expect(bench.context.isSuppressed).toBe(false);
  });

  test('HLTH-2: is the family in which a captive portal answers', () => {
    const bench = new InterfaceBench(facts(), hastyConfig);
    bench.probe(round(1, [{ ...answered(), failure: 'captivePortal' }, answered(targets[1])]));
    expect(bench.told.at(-1)?.view.captive).toEqual({ ipv4: true, ipv6: false });
    bench.probe(goodRound(2));
    expect(bench.told.at(-1)?.view.captive).toEqual({ ipv4: false, ipv6: false });
  });

  test('is whether there has ever been a way out: a port to a local network has none', () => {
    const local = new InterfaceBench(facts({ defaultRoutes: [] }));
    expect(local.context.view?.ways.hasEverLed).toBe(false);
    local.change({ defaultRoutes: facts().defaultRoutes });
    expect(local.context.view?.ways.hasEverLed).toBe(true);
    local.change({ hasCarrier: false });
    expect(local.context.view?.ways.hasEverLed).toBe(true);
  });
});
