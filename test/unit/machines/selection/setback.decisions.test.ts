import { describe, expect, test } from 'vitest';
import {
  heldAt,
  holdAfter,
  longestHold,
  setbacksOf,
  withHandover,
  type Handover,
  type Setback,
} from '../../../../src/machines/selection/setback.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { instant, minutes, seconds, type Milliseconds } from '../../../../src/model/units.ts';

const config = defaultConfig.selection;
const hour = 3_600_000;
const waiting = (switchAfter: Milliseconds) => ({ ...config, switchAfter });
const setback = (overrides: Partial<Setback> = {}): Setback => ({
  index: 2,
  times: 3,
  at: instant(1000),
  ...overrides,
});
/** It scored 1000 when it was taken, and is left at 800 for one that scores 900. */
const fallen: Handover = { left: { index: 2, score: 800 }, taken: { score: 900 }, promised: 1000 };

describe('SEL-2: how long a lead has to last', () => {
  test.each([
    [seconds(10), [10_000, 10_000, 300_000, hour, hour]],
    [seconds(1), [1000, 1000, 30_000, 900_000, hour]],
    [minutes(1), [60_000, 60_000, 1_800_000, hour, hour]],
    [minutes(60), [hour, hour, hour, hour, hour]],
    [seconds(0), [0, 0, 0, 0, 0]],
  ])('of %d ms, after no setback, one, and more', (switchAfter, expected) => {
    expect([0, 1, 2, 3, 4].map((times) => holdAfter(times, waiting(switchAfter)))).toEqual(expected);
  });
});

describe('SEL-2: setbacks', () => {
  test('are forgotten one by one, one each hour', () => {
    const at = (now: number) => setbacksOf(2, [setback({ index: 7 }), setback()], instant(1000 + now));
    expect([0, hour - 1, hour, 2 * hour - 1, 2 * hour, 3 * hour, 9 * hour].map(at)).toEqual([3, 3, 2, 2, 1, 0, 0]);
    expect(setbacksOf(4, [setback()], instant(1000))).toBe(0);
  });

  test('are those of an uplink that fell by more than half of the lead by which it is left', () => {
    const after = (handover: Partial<Handover>) => withHandover([], { ...fallen, ...handover }, instant(5), config);
    expect(after({})).toEqual([{ index: 2, times: 1, at: 5 }]);
    expect(after({ promised: 850.1 })).toHaveLength(1);
    expect(after({ promised: 850 })).toEqual([]);
    expect(after({ promised: 700 })).toEqual([]);
  });

  test('are also those of an uplink of which nothing was known when it was taken', () => {
    expect(withHandover([], { ...fallen, promised: null }, instant(5), config)).toHaveLength(1);
  });

  test('add up for each uplink on its own, until a lead has to last for the longest time', () => {
    let setbacks: readonly Setback[] = [setback({ index: 7 })];
    const counts = [1, 2, 3, 4].map((time) => {
      setbacks = withHandover(setbacks, fallen, instant(time), config);
      return setbacks.map(({ index, times, at }) => [index, times, at]);
    });
    expect(counts).toEqual(
      [1, 2, 3, 3].map((times, i) => [
        [7, 3, 1000],
        [2, times, i + 1],
      ]),
    );
  });

  test('are counted on from those that are not forgotten', () => {
    const again = withHandover([setback()], fallen, instant(1000 + 2 * hour), config);
    expect(again).toEqual([{ index: 2, times: 2, at: 1000 + 2 * hour }]);
  });

  test('are not counted on where every lead counts at once', () => {
    const once = withHandover([], fallen, instant(1), waiting(seconds(0)));
    expect(withHandover(once, fallen, instant(2), waiting(seconds(0)))).toEqual([{ index: 2, times: 1, at: 2 }]);
  });
});

describe('SEL-2: a lead has lasted for long enough', () => {
  const due = (setbacks: readonly Setback[], since: number) =>
    heldAt({ index: 2, since: instant(since) }, setbacks, config);

  test('after 10 s, without setbacks of its own', () => {
    expect([due([], 500), due([setback({ index: 7 })], 500), due([setback({ times: 1 })], 1500)]).toEqual([
      10_500, 10_500, 11_500,
    ]);
  });

  test('after the time that its setbacks ask for', () => {
    expect([due([setback({ times: 2 })], 2000), due([setback()], 1000)]).toEqual([302_000, 1000 + hour]);
  });

  test('as soon as a setback is forgotten, where the lead has lasted for long enough by what is left', () => {
    // A lead of 50 minutes when the third setback is forgotten, one of 100 s, and one of a second.
    expect(due([setback()], 600_000)).toBe(1000 + hour);
    expect(due([setback()], 1000 + hour - 100_000)).toBe(1000 + hour + 200_000);
    expect(due([setback({ times: 2 })], 1000 + hour - 1000)).toBe(1000 + hour + 9000);
    expect(due([setback({ times: 2 })], 1000 + hour - 20_000)).toBe(1000 + hour);
  });

  test('at most an hour after it began', () => {
    expect(longestHold).toBe(hour);
    expect(due([setback({ times: 3, at: instant(0) })], 0)).toBe(hour);
  });
});
