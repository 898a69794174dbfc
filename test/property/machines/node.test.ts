import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { families } from '../../../src/model/family.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import { address, answered, facts, lost, targets } from '../../unit/machines/examples.ts';
import { NodeBench } from '../../unit/machines/node-bench.ts';

/** A generator of numbers in [0, 1) that gives the same ones for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('1 % of loss on every uplink', () => {
  /** Probes an uplink as the streams do: each 5 s ± 10 %, and a burst for a lost sample, at most one in this time. */
  const probeForEver = (node: NodeBench, index: number, rtt: number, random: () => number): void => {
    let lastBurst = Number.NEGATIVE_INFINITY;
    const send = (): void => {
      const now = node.clock.now();
      const samples = targets.map((target) =>
        random() < 0.01 ? lost(target) : answered(target, rtt * (0.9 + 0.3 * random())),
      );
      node.probe(index, samples);
      const isActive = node.context.selected.ipv4?.active?.index === index;
      const mayBurst = now - lastBurst >= (isActive ? 5000 : 30_000);
      if (!mayBurst || samples.every((sample) => sample.rtt !== null)) return;
      lastBurst = now;
      for (let i = 0; i < 10; i++) node.clock.setTimeout(send, 1 + 250 * i);
    };
    const tick = (): void => {
      send();
      node.clock.setTimeout(tick, 5000 * (0.9 + 0.2 * random()));
    };
    tick();
  };

  const hoursOfSwitches = (seed: number): readonly number[] => {
    const node = new NodeBench();
    for (const [index, name] of [
      [2, 'eth0'],
      [3, 'wlan0'],
      [4, 'wwan0'],
    ] as const)
      node.find(facts({ index, name }));
    node.observe();
    const random = seeded(seed);
    for (const [index, rtt] of [
      [2, 15],
      [3, 25],
      [4, 50],
    ] as const)
      probeForEver(node, index, rtt, random);
    node.clock.advance(8 * 3_600_000);
    // The first is the choice at start.
    return node.emissions.flatMap((told) => (told.type === 'switch' ? [Math.floor(told.at / 3_600_000)] : [])).slice(1);
  };

  test('causes less than one switch an hour on the average, and none in most hours: three times eight hours', () => {
    const runs = [1, 2, 3].map(hoursOfSwitches);
    expect(runs.flat().length).toBeLessThanOrEqual(24);
    expect(runs.reduce((sum, hours) => sum + new Set(hours).size, 0)).toBeLessThanOrEqual(12);
  });
});

describe('whatever happens', () => {
  const index = fc.constantFrom(2, 3, 4);
  const names = ['eth0', 'wlan0', 'docker0', 'foo0', 'all', 'usb0'];
  const someFacts = fc.record({
    index,
    name: fc.constantFrom(...names),
    hasCarrier: fc.boolean(),
    addresses: fc.record({
      ipv4: fc.constantFrom([], [address('10.0.2.5')], [address('10.0.3.5')]),
      ipv6: fc.constantFrom([], [address('2001:db8::5', 64)]),
    }),
    defaultRoutes: fc.subarray<InterfaceFacts['defaultRoutes'][number]>([
      { family: 'ipv4', gateway: '10.0.2.1', table: 254, metric: 100, protocol: 16 },
      { family: 'ipv6', gateway: 'fe80::1', table: 254, metric: 100, protocol: 9 },
    ]),
  });
  const step = fc.oneof(
    { weight: 3, arbitrary: someFacts.map((given) => (node: NodeBench) => node.find(facts(given))) },
    { weight: 3, arbitrary: someFacts.map((given) => (node: NodeBench) => node.change(given.index, given)) },
    { weight: 1, arbitrary: index.map((gone) => (node: NodeBench) => node.lose(gone)) },
    { weight: 6, arbitrary: index.map((probed) => (node: NodeBench) => node.good(probed)) },
    { weight: 4, arbitrary: index.map((probed) => (node: NodeBench) => node.bad(probed)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...names).map((name) => (node: NodeBench) => node.send({ type: 'command.pin', name })),
    },
    { weight: 1, arbitrary: fc.constant((node: NodeBench) => node.send({ type: 'command.unpin' })) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('target.blamed' as const, 'target.cleared' as const), fc.option(index)).map(
        ([type, where]) =>
          (node: NodeBench) =>
            node.send({ type, family: 'ipv4', target: targets[0], index: where }),
      ),
    },
    {
      weight: 5,
      arbitrary: fc
        .constantFrom(0, 1000, 5000, 10_000, 60_000, 200_000)
        .map((wait) => (node: NodeBench) => node.clock.advance(wait)),
    },
    { weight: 1, arbitrary: fc.option(index).map((ipv4) => (node: NodeBench) => node.observe({ ipv4 })) },
  );

  test('no actor fails, what is active has a way out, and the intent fits the interfaces', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const node = new NodeBench();
        for (const take of steps) {
          take(node);
          const { intent, selected, views, uplinks, actors } = node.context;
          expect([...node.errors, ...node.status.problems.filter(({ code }) => code === 'actor.failed')]).toEqual([]);
          expect([...uplinks.keys()].every((known) => node.hasActor(known) && actors.has(`interface ${known}`))).toBe(
            true,
          );
          for (const family of families) {
            const usable = [...views.values()].filter(({ contenders }) => contenders[family].isUsable);
            const isChosen = selected[family] !== null;
            expect(selected[family]?.active === null || !isChosen).toBe(usable.length === 0 || !isChosen);
            const ranked = intent.network.ranking[family].map((one) => one.index);
            expect(new Set(ranked)).toEqual(new Set(isChosen ? usable.map(({ ways }) => ways.uplink.index) : []));
            const probed = intent.probes.filter((probe) => probe.family === family).map((probe) => probe.index);
            expect(new Set(probed)).toEqual(new Set(ranked));
          }
          expect(node.interface('docker0') ?? node.interface('all')).toBeUndefined();
        }
        for (const known of [2, 3, 4]) node.lose(known);
        expect([node.clock.pending, node.context.uplinks.size, node.context.views.size]).toEqual([0, 0, 0]);
      }),
      { numRuns: 200 },
    );
  });
});
