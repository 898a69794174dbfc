import { describe, expect, test } from 'vitest';
import { dice } from '../../fakes/dice.ts';
import { applied, faultKinds, isPossible } from '../../chaos/faults.ts';
import { drawSteps } from '../../chaos/generator.ts';
import { mending } from '../../chaos/mending.ts';
import { ills, initialWorld, isGood, type World } from '../../chaos/world.ts';

const seeds = Array.from({ length: 50 }, (_, seed) => seed);

/** The world after all these steps. */
const after = (steps: ReturnType<typeof drawSteps>): World =>
  steps.flatMap(({ faults }) => faults).reduce((world, fault) => applied(world, fault), initialWorld);

describe('the faults of the chaos test', () => {
  test('the same seed has the same steps, and a longer run begins with the shorter one', () => {
    for (const seed of seeds) {
      expect(drawSteps(dice(seed), 30).slice(0, 20)).toEqual(drawSteps(dice(seed), 20));
    }
    expect(drawSteps(dice(1), 20)).not.toEqual(drawSteps(dice(2), 20));
  });

  test('every kind is drawn, and each fault is possible where it is', () => {
    const drawn = new Set<string>();
    for (const seed of seeds) {
      let world = initialWorld;
      for (const fault of drawSteps(dice(seed), 40).flatMap(({ faults }) => faults)) {
        expect(isPossible(world, fault)).toBe(true);
        world = applied(world, fault);
        drawn.add(fault.kind);
      }
    }
    expect([...drawn].toSorted()).toEqual(faultKinds.toSorted());
  });

  test('most of the time some uplink works and another does not', () => {
    let mixed = 0;
    for (const seed of seeds) {
      const { uplinks } = after(drawSteps(dice(seed), 20));
      const good = uplinks.filter((uplink) => isGood(uplink, 'ipv4')).length;
      if (good > 0 && good < 3) mixed += 1;
    }
    expect(mixed).toBeGreaterThan(seeds.length / 2);
  });

  test('mending makes every world what it was at the start', () => {
    for (const seed of seeds) {
      const world = after(drawSteps(dice(seed), 30));
      const mended = mending(world).reduce((now, fault) => applied(now, fault), world);
      expect(mended).toEqual(initialWorld);
      expect(ills(mended)).toBe(0);
    }
  });
});
