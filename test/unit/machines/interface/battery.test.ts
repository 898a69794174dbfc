import { describe, expect, test } from 'vitest';
import { defaultConfig, noGateways, defaultMeteredPolicy, type Config } from '../../../../src/model/config.ts';
import { facts } from '../examples.ts';
import { NodeBench } from '../node-bench.ts';

/** eth0 (2), active, and wwan0 (4), which is metered. */
function node(overrides: Partial<Config> = {}): NodeBench {
  const uplinks = [
    { match: { name: 'wwan0' }, type: null, gateway: noGateways, dhcp: false, policy: defaultMeteredPolicy },
  ];
  const bench = new NodeBench({ ...defaultConfig, uplinks, ...overrides });
  bench.find(facts({ index: 2, name: 'eth0' }));
  bench.find(facts({ index: 4, name: 'wwan0' }));
  bench.observe();
  return bench;
}

const intervals = (bench: NodeBench): readonly number[] =>
  bench.context.intent.probes.map(({ interval }) => interval / 1000);

describe('TETH-6: on battery', () => {
  test('probes are rarer by the configured factor, and come back with the mains', () => {
    const bench = node();
    expect(intervals(bench)).toEqual([5, 300]);
    bench.send({ type: 'power.changed', onBattery: true });
    expect(intervals(bench)).toEqual([10, 600]);
    expect(bench.status.onBattery).toBe(true);
    bench.send({ type: 'power.changed', onBattery: false });
    expect(intervals(bench)).toEqual([5, 300]);
    expect(bench.status.onBattery).toBe(false);
  });

  test('nothing is different where that is not wanted', () => {
    const bench = node({ battery: { batteryAware: false, probeReduction: 4 } });
    const before = bench.context.intent;
    bench.send({ type: 'power.changed', onBattery: true });
    expect(bench.context.intent).toBe(before);
  });

  test('nothing is different where nobody knows', () => {
    const bench = node();
    const before = bench.context.intent;
    bench.send({ type: 'power.changed', onBattery: null });
    expect(bench.context.intent).toBe(before);
    expect(bench.status.onBattery).toBeNull();
  });

  test('the fast profile stays fast: only what costs money is rarer', () => {
    const bench = node({ profile: 'fast' });
    bench.send({ type: 'power.changed', onBattery: true });
    expect(intervals(bench)).toEqual([0.1, 600]);
  });
});
