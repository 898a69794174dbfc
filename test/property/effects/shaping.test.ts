import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { desiredShaping, shareOut, type ShapingSettings } from '../../../src/effects/shaping/shaping.desired.ts';
import { executeShaping } from '../../../src/effects/shaping/shaping.execute.ts';
import { planShaping } from '../../../src/effects/shaping/shaping.plan.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import { asWritten, type DesiredShaping, type ObservedClass, type ObservedRoot } from '../../../src/model/shaping.ts';
import { bitsPerSecond, type BitsPerSecond } from '../../../src/model/units.ts';
import { FakeShapingTarget, memoryShapingJournal } from '../../fakes/shaping-target.ts';

const rates = fc.integer({ min: 8000, max: 1e12 }).map(bitsPerSecond);
const links = ['ap0', 'wan0', 'wan1'] as const;

const settings: fc.Arbitrary<ShapingSettings> = fc
  .tuple(rates, rates, rates, rates, rates, rates, rates)
  .map(([ceiling, control, interactive, bulk, relayMax, nodeMin, throttle]) => ({
    hotspot: {
      ...defaultConfig.hotspot.qos,
      maxBandwidth: ceiling,
      control: { ...defaultConfig.hotspot.qos.control, rate: control },
      interactive: { ...defaultConfig.hotspot.qos.interactive, rate: interactive },
      bulk: { ...defaultConfig.hotspot.qos.bulk, rate: bulk },
    },
    relay: { ...defaultConfig.relayQos, relayMax, nodeMin },
    throttleRateOf: (): BitsPerSecond => throttle,
  }));

const wan = [1, 2];
const wishes = fc.record({
  hotspot: fc.constantFrom(null, 'ap0'),
  isRelaying: fc.boolean(),
  network: fc
    .tuple(fc.shuffledSubarray(wan), fc.shuffledSubarray(wan), fc.subarray(wan))
    .map(([ipv4, ipv6, throttled]) => ({
      uplinks: wan.map((index) => ({ index, name: `wan${index - 1}`, paths: { ipv4: null, ipv6: null } })),
      ranking: {
        ipv4: ipv4.map((index) => ({ index, isReachable: true })),
        ipv6: ipv6.map((index) => ({ index, isReachable: true })),
      },
      throttled,
    })),
});
const desired: fc.Arbitrary<DesiredShaping> = fc
  .tuple(wishes, settings)
  .map(([wish, set]) => desiredShaping(wish, set));

const someClass = fc.record({
  minor: fc.constantFrom(1, 0x10, 0x20, 0x30, 0x99),
  parentMinor: fc.constantFrom(null, 1, 0x10),
  rate: rates,
  ceil: rates,
  priority: fc.constantFrom(null, 0, 1, 2),
  leaf: fc.constantFrom(
    null,
    { kind: 'fq_codel', limit: 1 },
    { kind: 'bfifo', limit: 70_000 },
    { kind: 'sfq', limit: null },
  ),
});
const someRoot: fc.Arbitrary<ObservedRoot> = fc.oneof(
  fc.constant<ObservedRoot>({ owner: 'default' }),
  fc.constant<ObservedRoot>({ owner: 'foreign', kind: 'cake', handle: '8001:' }),
  fc.record({
    owner: fc.constant('own' as const),
    defaultMinor: fc.constantFrom(null, 0x20, 0x30),
    classes: fc.array(someClass).map((all) => new Map<number, ObservedClass>(all.map((one) => [one.minor, one]))),
  }),
);

describe('the sharing out of traffic', () => {
  test('QOS-1: comes from anything to what is wanted in a few steps, and leaves what is not its own alone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(someRoot, someRoot, someRoot),
        desired,
        desired,
        fc.boolean(),
        async (roots, before, wanted, hasFqCodel) => {
          const target = new FakeShapingTarget();
          for (const [at, root] of roots.entries()) target.roots.set(links[at] ?? '', root);
          target.sorting = before.sorting;
          target.hasFqCodel = hasFqCodel;
          const ports = { target, journal: memoryShapingJournal() };
          for (let step = 0; ; step += 1) {
            expect(step).toBeLessThan(10);
            const reading = await target.read(wanted.sorting);
            if (!reading.ok) throw new Error('it cannot be read');
            const [operation] = planShaping(wanted, reading.observed, { keep: false }).operations;
            if (operation === undefined) break;
            expect(await executeShaping(operation, ports)).toEqual({ ok: true });
          }
          for (const [at, name] of links.entries()) {
            const isForeign = roots[at]?.owner === 'foreign';
            const isWanted = wanted.trees.some((tree) => tree.interface === name);
            const root = target.roots.get(name);
            expect(root?.owner).toBe(isForeign ? 'foreign' : isWanted ? 'own' : 'default');
            const tree = wanted.trees.find((one) => one.interface === name);
            if (root?.owner !== 'own') continue;
            const minors = [1, ...(tree?.classes ?? []).map(({ minor }) => minor)];
            expect([...root.classes.keys()].toSorted((a, b) => a - b)).toEqual(minors);
          }
          expect(target.sorting).toEqual(wanted.sorting);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('QOS-1: what classes are sure of is never more than there is, and the most important one is cut last', () => {
    fc.assert(
      fc.property(rates, fc.array(rates, { minLength: 2, maxLength: 3 }), (ceiling, asked) => {
        const shares = shareOut(ceiling, asked);
        const sum = shares.reduce<number>((total, one) => total + one, 0);
        expect(sum).toBeLessThanOrEqual(Math.max(ceiling, 8000 * asked.length));
        expect(Math.min(...shares)).toBeGreaterThanOrEqual(8000);
        const [first = 0] = shares;
        const room = ceiling - 8000 * (asked.length - 1);
        expect(first).toBeGreaterThan(Math.min(asked[0] ?? 0, Math.max(8000, room)) - 8);
      }),
    );
  });

  test('QOS-1: a rate as tc writes it is at most a thousandth less, and is written the same again', () => {
    fc.assert(
      fc.property(rates, (rate) => {
        const written = asWritten(rate);
        expect(written).toBeLessThanOrEqual(rate);
        expect(written).toBeGreaterThan(rate * 0.999);
        expect(asWritten(written)).toBe(written);
      }),
    );
  });
});
