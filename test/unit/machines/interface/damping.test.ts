import { describe, expect, test } from 'vitest';
import { InterfaceBench } from '../interface-bench.ts';

describe('SEL-2: flap damping', () => {
  const flap = (bench: InterfaceBench): void => {
    bench.change({ hasCarrier: false });
    bench.change({ hasCarrier: true });
  };

  test('two losses of carrier do not suppress an uplink, the third does', () => {
    const bench = new InterfaceBench();
    flap(bench);
    flap(bench);
    expect(bench.context.isSuppressed).toBe(false);
    bench.clock.advance(1000);
    flap(bench);
    expect(bench.context.isSuppressed).toBe(true);
  });

  test('a penalty decays by half in 60 s: losses far enough apart do not add up', () => {
    const bench = new InterfaceBench();
    flap(bench);
    flap(bench);
    bench.clock.advance(60_000);
    flap(bench);
    // 2000, halved, and one more: at the limit, not above it.
    expect(bench.context.damping.merit).toBeCloseTo(2000);
    expect(bench.context.isSuppressed).toBe(false);
  });

  test('it is reused when the penalty has decayed below the limit', () => {
    const bench = new InterfaceBench();
    for (let i = 0; i < 3; i++) flap(bench);
    // 3000 halves to 750 in exactly two half-lives; below it a moment later.
    bench.clock.advance(120_000);
    expect(bench.context.isSuppressed).toBe(true);
    bench.clock.advance(1);
    expect(bench.context.isSuppressed).toBe(false);
  });

  test('another loss while suppressed starts the wait for reuse from the higher penalty, up to the ceiling', () => {
    const bench = new InterfaceBench();
    for (let i = 0; i < 30; i++) flap(bench);
    expect(bench.context.damping.merit).toBe(4000);
    bench.clock.advance(144_900);
    expect(bench.context.isSuppressed).toBe(true);
    bench.clock.advance(100);
    expect(bench.context.isSuppressed).toBe(false);
  });

  test('a loss of reachability counts like one of carrier, a first failed verdict does not', () => {
    const bench = new InterfaceBench();
    bench.judge('failed');
    expect(bench.context.damping.merit).toBe(0);
    bench.judge('healthy');
    bench.judge('failed');
    expect(bench.context.damping.merit).toBe(1000);
  });

  test('one answer of several is reachability that can be lost', () => {
    const bench = new InterfaceBench();
    bench.judge('degraded');
    bench.judge('failed');
    expect(bench.context.damping.merit).toBe(1000);
  });

  test('whatever else changes without carrier is no loss of it', () => {
    const bench = new InterfaceBench();
    bench.change({ hasCarrier: false });
    bench.change({ mtu: 1400 });
    bench.change({ addresses: { ipv4: [], ipv6: [] } });
    expect(bench.context.damping.merit).toBe(1000);
  });
});
