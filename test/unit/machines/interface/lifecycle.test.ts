import { describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../../src/model/config.ts';
import { milliseconds } from '../../../../src/model/units.ts';
import { facts, goodRound, hastyConfig } from '../examples.ts';
import { InterfaceBench } from '../interface-bench.ts';

describe('LIFE-1: the lifecycle', () => {
  test('starts in probing', () => {
    expect(new InterfaceBench().state).toBe('probing');
  });

  test.each([
    ['up', 'degraded', 15_000, 'degraded'],
    ['degraded', 'failed', 30_000, 'down'],
    ['down', 'healthy', 60_000, 'probing'],
    ['down', 'degraded', 60_000, 'probing'],
    ['probing', 'healthy', 10_000, 'up'],
  ] as const)('%s: a verdict %s holds for %d ms and leads to %s', (from, verdict, holdDown, to) => {
    const bench = new InterfaceBench().reach(from);
    if (from === 'down') bench.clock.advance(1000);
    expect(bench.state).toBe(from);
    bench.judge(verdict);
    bench.clock.advance(holdDown - 1);
    expect(bench.state).toBe(from);
    bench.clock.advance(1);
    expect(bench.state).toBe(to);
  });

  test.each([
    ['up', 'failed', 'degraded'],
    ['degraded', 'healthy', 'up'],
    ['probing', 'degraded', 'degraded'],
    ['probing', 'failed', 'down'],
  ] as const)('%s: a verdict %s leads to %s at once', (from, verdict, to) => {
    const bench = new InterfaceBench().reach(from);
    expect(bench.state).toBe(from);
    const before = bench.clock.now();
    bench.judge(verdict);
    expect([bench.state, bench.clock.now() - before]).toEqual([to, 0]);
  });

  describe.each(['probing', 'up', 'degraded', 'down'] as const)('in %s', (state) => {
    test.each([
      ['the carrier', { hasCarrier: false }],
      ['the administrator’s leave, though not the carrier', { isUp: false }],
      ['the address', { addresses: { ipv4: [], ipv6: [] } }],
      ['the administrator’s leave', { isUp: false, hasCarrier: false }],
    ])('losing %s leads to down at once', (_, loss) => {
      const bench = new InterfaceBench().reach(state);
      bench.judge(state === 'degraded' ? 'degraded' : state === 'down' ? 'failed' : 'healthy');
      bench.change(loss);
      expect([bench.state, bench.context.pending]).toEqual(['down', null]);
    });
  });

  test('down: the return of carrier and address leads to probing at once', () => {
    const bench = new InterfaceBench().reach('up');
    bench.change({ hasCarrier: false });
    bench.clock.advance(1);
    bench.change({ hasCarrier: true });
    expect(bench.state).toBe('probing');
  });

  test('an interface found without carrier goes down at once, which is no flap', () => {
    const bench = new InterfaceBench(facts({ hasCarrier: false }));
    expect([bench.state, bench.context.damping.merit]).toEqual(['down', 0]);
  });

  test('up, then failed: it passes degraded and is down 30 s later', () => {
    const bench = new InterfaceBench().reach('up');
    bench.judge('failed');
    expect(bench.state).toBe('degraded');
    bench.clock.advance(29_999);
    expect(bench.state).toBe('degraded');
    bench.clock.advance(1);
    expect(bench.state).toBe('down');
  });

  test('follows the better family', () => {
    const bench = new InterfaceBench(
      facts({
        addresses: {
          ipv4: [{ address: '10.0.2.5', prefixLength: 24, peer: null }],
          ipv6: [{ address: '2001:db8::5', prefixLength: 64, peer: null }],
        },
        defaultRoutes: [
          ...facts().defaultRoutes,
          { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 },
        ],
      }),
    );
    bench.probe(goodRound(1), 'ipv6');
    bench.judge('failed');
    bench.clock.advance(10_000);
    expect(bench.state).toBe('up');
  });
});

describe('LIFE-2: the wait', () => {
  test.each([
    ['probing', 'failed', 'down'],
    ['probing', 'degraded', 'degraded'],
  ] as const)('%s: a verdict %s in a young state waits until the state has lasted 5 s', (_, verdict, to) => {
    const bench = new InterfaceBench();
    bench.clock.advance(1000);
    bench.judge(verdict);
    bench.clock.advance(3999);
    expect(bench.state).toBe('probing');
    bench.clock.advance(1);
    expect(bench.state).toBe(to);
  });

  test('up: a failed verdict in a young state waits for the rest of 5 s', () => {
    const bench = new InterfaceBench();
    bench.judge('healthy');
    bench.clock.advance(10_000);
    bench.judge('failed');
    bench.clock.advance(4999);
    expect(bench.state).toBe('up');
    bench.clock.advance(1);
    expect(bench.state).toBe('degraded');
  });

  test('degraded: a healthy verdict in a young state waits for the rest of 5 s', () => {
    const bench = new InterfaceBench().reach('up');
    bench.judge('failed');
    bench.judge('healthy');
    bench.clock.advance(4999);
    expect(bench.state).toBe('degraded');
    bench.clock.advance(1);
    expect(bench.state).toBe('up');
  });

  test('the later of hold-down and shortest stay ends both', () => {
    const lifecycle = {
      ...defaultConfig.lifecycle,
      probingToUp: milliseconds(2000),
      minStateDuration: milliseconds(8000),
    };
    const bench = new InterfaceBench(facts(), { ...hastyConfig, lifecycle });
    bench.clock.advance(1000);
    bench.judge('healthy');
    bench.clock.advance(6999);
    expect(bench.state).toBe('probing');
    bench.clock.advance(1);
    expect(bench.state).toBe('up');
  });

  test('a contrary verdict cancels what is pending, and the hold-down starts anew', () => {
    const bench = new InterfaceBench().reach('up');
    bench.judge('degraded');
    bench.clock.advance(14_999);
    bench.judge('healthy');
    expect(bench.context.pending).toBeNull();
    bench.judge('degraded');
    bench.clock.advance(14_999);
    expect(bench.state).toBe('up');
    bench.clock.advance(1);
    expect(bench.state).toBe('degraded');
  });

  test('down: of two good verdicts the second does not start the wait anew', () => {
    const bench = new InterfaceBench().reach('down');
    bench.judge('healthy');
    bench.clock.advance(30_000);
    bench.judge('degraded');
    bench.clock.advance(30_000);
    expect(bench.state).toBe('probing');
  });

  test('a transition by deadline happens at that deadline, not at the event before it', () => {
    const bench = new InterfaceBench();
    bench.clock.advance(2000);
    bench.judge('healthy');
    bench.clock.advance(60_000);
    expect(bench.context.since).toBe(12_000);
  });

  test('a new address clears verdict, window and what is pending', () => {
    const bench = new InterfaceBench().reach('up');
    bench.judge('degraded');
    bench.change({ addresses: { ipv4: [{ address: '10.0.2.77', prefixLength: 24, peer: null }], ipv6: [] } });
    const { health, pending, pathIds } = bench.context;
    expect([health.ipv4.verdict, health.ipv4.rounds, pending]).toEqual(['unknown', [], null]);
    expect(pathIds.ipv4).toMatch(/^10\.0\.2\.77 via 10\.0\.2\.1/u);
  });

  test('a round of a path that is gone says nothing', () => {
    const bench = new InterfaceBench();
    const path = bench.context.pathIds.ipv4 ?? '';
    bench.change({ hasCarrier: false });
    bench.change({ hasCarrier: true });
    bench.actor.send({
      type: 'probe.finished',
      index: 2,
      family: 'ipv4',
      path,
      round: goodRound(1),
      at: bench.clock.now(),
    });
    expect(bench.context.health.ipv4.verdict).toBe('unknown');
    expect(bench.context.pathIds.ipv4).not.toBe(path);
  });

  test('stopping the actor leaves no timer', () => {
    const bench = new InterfaceBench();
    bench.judge('healthy');
    expect(bench.clock.pending).toBe(1);
    bench.actor.stop();
    expect(bench.clock.pending).toBe(0);
  });
});
