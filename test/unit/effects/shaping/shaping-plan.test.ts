import { describe, expect, test } from 'vitest';
import { desiredShaping } from '../../../../src/effects/shaping/shaping.desired.ts';
import { planShaping } from '../../../../src/effects/shaping/shaping.plan.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { noNetwork } from '../../../../src/model/network.ts';
import type { ObservedClass, ObservedRoot } from '../../../../src/model/shaping.ts';
import { bitsPerSecond, kilobitsPerSecond } from '../../../../src/model/units.ts';

const desired = desiredShaping(
  { network: noNetwork, hotspot: 'ap0', isRelaying: false },
  {
    hotspot: defaultConfig.hotspot.qos,
    relay: defaultConfig.relayQos,
    throttleRateOf: () => kilobitsPerSecond(128),
  },
);
const ceil = bitsPerSecond(1e9);
const leaf = { kind: 'fq_codel', limit: 10_240 };
const classOf = (minor: number, mbit: number, priority: number): ObservedClass => ({
  minor,
  parentMinor: 1,
  rate: bitsPerSecond(mbit * 1e6),
  ceil,
  priority,
  leaf,
});
const top: ObservedClass = { minor: 1, parentMinor: null, rate: ceil, ceil, priority: null, leaf: null };
const asWanted = [top, classOf(0x10, 1, 0), classOf(0x20, 5, 1), classOf(0x30, 10, 2)];

const howFrom = (classes: readonly ObservedClass[], defaultMinor: number | null = 0x30): string | null => {
  const root: ObservedRoot = {
    owner: 'own',
    defaultMinor,
    classes: new Map(classes.map((one) => [one.minor, one])),
  };
  const observed = { roots: new Map([['ap0', root]]), sorting: 'asWanted' } as const;
  const [operation] = planShaping(desired, observed, { keep: false }).operations;
  return operation?.type === 'qdisc.replace' ? operation.how : null;
};
const changed = (minor: number, change: Partial<ObservedClass>): readonly ObservedClass[] =>
  asWanted.map((one) => (one.minor === minor ? { ...one, ...change } : one));

describe('QOS-1: from the tree that is there to the one that is wanted', () => {
  test('with the defaults each class is sure of its rate, may have all there is, and what is unsorted is bulk', () => {
    expect(desired.trees).toMatchObject([{ interface: 'ap0', ceiling: 1e9, defaultMinor: 0x30 }]);
    expect(desired.trees[0]?.classes.map(({ name, rate, priority }) => [name, rate, priority])).toEqual([
      ['control', 1e6, 0],
      ['interactive', 5e6, 1],
      ['bulk', 1e7, 2],
    ]);
    expect(howFrom(asWanted)).toBeNull();
  });

  test.each([
    ['the rate of a class', changed(0x10, { rate: bitsPerSecond(2e6) })],
    ['the ceiling of a class', changed(0x20, { ceil: bitsPerSecond(1e6) })],
    ['the order of a class', changed(0x30, { priority: 0 })],
    ['the rate of the root', changed(1, { rate: bitsPerSecond(1e6) })],
    ['the ceiling of the root', changed(1, { ceil: bitsPerSecond(1e6) })],
    ['the queue of a class', changed(0x10, { leaf: { kind: 'sfq', limit: null } })],
    ['the length of a queue', changed(0x10, { leaf: { kind: 'bfifo', limit: 1000 } })],
    ['a queue that is missing', changed(0x10, { leaf: null })],
  ])('%s is changed as it stands', (_, classes) => {
    expect(howFrom(classes)).toBe('change');
  });

  test.each([
    ['a class too many', [...asWanted, classOf(0x40, 1, 3)], 0x30],
    ['a class that is missing', asWanted.slice(0, 3), 0x30],
    ['a class below another', changed(0x20, { parentMinor: 0x10 }), 0x30],
    ['a class in place of the root', changed(1, { parentMinor: 0x10 }), 0x30],
    ['another default', asWanted, 0x10],
    ['no default', asWanted, null],
  ])('%s means to build it anew', (_, classes, defaultMinor) => {
    expect(howFrom(classes, defaultMinor)).toBe('rebuild');
  });
});
