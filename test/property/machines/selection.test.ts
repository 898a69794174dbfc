import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rank } from '../../../src/machines/selection/ranking.decisions.ts';
import {
  challengerRules,
  compareChallengers,
  fieldOf,
  type Contender,
} from '../../../src/machines/selection/selection-rules.decisions.ts';
import { asIncumbent, choose, trackLeads } from '../../../src/machines/selection/selection.decisions.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import { instant } from '../../../src/model/units.ts';
import { contender } from '../../unit/machines/examples.ts';

const config = defaultConfig.selection;
const names = ['eth0', 'eth1', 'usb0', 'wlan0', 'wwan0', 'zzz'];

/** Few values for each figure, so that ties are frequent and every rule gets its turn. */
const contenderOf = (index: number): fc.Arbitrary<Contender> =>
  fc
    .record({
      isUsable: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      verdict: fc.constantFrom(
        'unknown' as const,
        'healthy' as const,
        'healthy' as const,
        'degraded' as const,
        'failed' as const,
      ),
      isEmergencyOnly: fc.oneof(
        { weight: 1, arbitrary: fc.constant(true) },
        { weight: 4, arbitrary: fc.constant(false) },
      ),
      lifecycle: fc.constantFrom(
        'up' as const,
        'up' as const,
        'degraded' as const,
        'probing' as const,
        'down' as const,
      ),
      isSuppressed: fc.oneof({ weight: 1, arbitrary: fc.constant(true) }, { weight: 6, arbitrary: fc.constant(false) }),
      score: fc.constantFrom(300, 800, 900.25, 900.5, 1000),
      bias: fc.constantFrom(60, 80, 100),
      rounds: fc.nat(20),
      lostSamples: fc.nat(5),
    })
    .map((figures) => contender({ ...figures, index, name: names[index] ?? `if${index}` }));

const contenders = fc
  .nat(names.length)
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => contenderOf(i))));
const pinned = fc.option(fc.constantFrom(...names));
const now = instant(100_000);

describe('SEL-1: the order of challengers', () => {
  test('is total and transitive: sorting gives the same whatever the order before', () => {
    fc.assert(
      fc.property(
        contenders,
        pinned,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (list, pin, random) => {
          const field = fieldOf(list, pin);
          const shuffled = list.toSorted(() => (random.next().value ?? 0) - 0.5);
          const sorted = list.toSorted((a, b) => compareChallengers(a, b, field));
          expect(shuffled.toSorted((a, b) => compareChallengers(a, b, field))).toEqual(sorted);
          for (const [i, a] of sorted.entries()) {
            for (const b of sorted.slice(i + 1)) {
              expect([compareChallengers(a, b, field) < 0, compareChallengers(b, a, field) > 0]).toEqual([true, true]);
            }
          }
        },
      ),
    );
  });
});

describe('SEL-1: the choice', () => {
  const scenario = fc.record({
    list: contenders,
    pin: pinned,
    incumbentIndex: fc.option(fc.nat(names.length - 1)),
    leadAge: fc.constantFrom(null, 0, 9999, 10_000),
    leadRounds: fc.nat(5),
  });
  const decide = ({
    list,
    pin,
    incumbentIndex,
    leadAge,
    leadRounds,
  }: typeof scenario extends fc.Arbitrary<infer T> ? T : never) => {
    const incumbent = incumbentIndex === null ? null : { index: incumbentIndex, name: names[incumbentIndex] ?? '' };
    const before =
      leadAge === null
        ? []
        : list.map(({ index, rounds }) => ({ index, since: instant(now - leadAge), rounds: rounds - leadRounds }));
    const terms = { config, pinned: pin, now };
    const leads = trackLeads(incumbent, list, { ...terms, leads: before });
    return choose(incumbent, list, { ...terms, leads, setbacks: [] });
  };

  test('does not depend on the order in which the uplinks are given', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        expect(decide({ ...given, list: given.list.toReversed() })).toEqual(decide(given));
      }),
    );
  });

  test('is none only when no uplink has a way out, and never one without', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { active } = decide(given);
        expect(active === null).toBe(given.list.every(({ isUsable }) => !isUsable));
        expect(active?.isUsable ?? true).toBe(true);
      }),
    );
  });

  test('names the rule that decided: the first in which the two sides differ', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { active, rule } = decide(given);
        const field = fieldOf(given.list, given.pin);
        const holder = given.list.find(({ index, isUsable }) => index === given.incumbentIndex && isUsable);
        // A switch from one usable uplink to another; what follows from a loss is named `usable` or `only` elsewhere.
        fc.pre(active !== null && holder !== undefined && active !== holder);
        const sides = [asIncumbent(holder), active] as const;
        const position = challengerRules.findIndex(({ name }) => name === rule);
        const worths = challengerRules.map((one) => sides.map((side) => one.worth(side, field)));
        expect(worths.slice(0, position).every(([a, b]) => a === b)).toBe(true);
        expect(worths[position]?.[1]).toBeGreaterThan(worths[position]?.[0] ?? Number.POSITIVE_INFINITY);
      }),
      { numRuns: 500 },
    );
  });

  test('once made is kept: decided again at once, with the new incumbent, it is the same', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { active } = decide(given);
        const again = decide({ ...given, incumbentIndex: active?.index ?? null, leadAge: null });
        expect(again.active?.index).toBe(active?.index);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the ranking', () => {
  test('has every usable uplink once, the active one first, and those out of reach after all that are not', () => {
    fc.assert(
      fc.property(contenders, contenders, pinned, fc.nat(names.length - 1), (earlier, list, pin, active) => {
        const activeIndex = list.find(({ index, isUsable }) => index === active && isUsable)?.index ?? null;
        const terms = { pinned: pin, config };
        const ranking = rank(rank([], earlier, null, terms), list, activeIndex, terms);
        const usable = list.filter(({ isUsable }) => isUsable).map(({ index }) => index);
        expect(ranking).toHaveLength(usable.length);
        expect(new Set(ranking.map(({ index }) => index))).toEqual(new Set(usable));
        expect(ranking[0]?.index).toBe(activeIndex ?? ranking[0]?.index);
        const others = ranking.filter(({ index }) => index !== activeIndex).map(({ isReachable }) => isReachable);
        expect(others).toEqual(others.toSorted((a, b) => Number(b) - Number(a)));
      }),
      { numRuns: 500 },
    );
  });
});
