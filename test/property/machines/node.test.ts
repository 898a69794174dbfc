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
