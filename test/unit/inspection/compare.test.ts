import { describe, expect, test } from 'vitest';
import {
  OutcomeComparison,
  SwitchComparison,
  type Input,
  type SwitchDifference,
  type TimedSwitch,
} from '../../../src/inspection/compare.ts';
import type { Outcome } from '../../../src/inspection/replay.ts';
import type { SelectionRule } from '../../../src/model/status.ts';
import { instant } from '../../../src/model/units.ts';

const switched = (at: number, to: string, rule: SelectionRule = 'score'): TimedSwitch => ({
  type: 'switch',
  at: instant(at),
  switch: { family: 'ipv4', from: 'eth0', to, rule, because: `${to} is better` },
});
const told = (at: number, to: string): Outcome => ({ type: 'told', emission: switched(at, to) });
const wanted = (at: number, digest: string): Outcome => ({ type: 'wanted', at: instant(at), digest });
const timer = (at: number, number = 1): Input => ({ type: 'timer', at: instant(at), timer: number });

describe('outcome by outcome', () => {
  test('the same outcomes are no difference, whichever side says them first, and wanted before told or after', () => {
    const comparison = new OutcomeComparison();
    comparison.entered(timer(1));
    for (const outcome of [told(1, 'wlan0'), wanted(1, 'a')]) comparison.replayed(outcome);
    for (const outcome of [wanted(1, 'a'), told(1, 'wlan0')]) comparison.recorded(outcome);
    comparison.entered(timer(2));
    comparison.recorded(told(2, 'eth0'));
    comparison.replayed(told(2, 'eth0'));
    comparison.settle();
    expect(comparison.difference).toBeNull();
  });

  test('the first difference says what was expected, what was found, when, and after which entry', () => {
    const comparison = new OutcomeComparison();
    comparison.entered(timer(1));
    comparison.entered(timer(2, 7));
    comparison.replayed(told(2, 'wlan0'));
    comparison.recorded(told(2, 'wwan0'));
    comparison.entered(timer(3));
    comparison.replayed(told(3, 'eth0'));
    comparison.settle();
    expect(comparison.difference).toEqual({
      at: 2,
      after: { number: 2, input: timer(2, 7) },
      expected: told(2, 'wwan0'),
      found: told(2, 'wlan0'),
    });
  });

  test.each([
    ['the replay does not say', 'recorded', { expected: wanted(1, 'a'), found: null }],
    ['the recording does not say', 'replayed', { expected: null, found: wanted(1, 'a') }],
  ] as const)('what %s is a difference as soon as the next thing enters', (_, side, difference) => {
    const comparison = new OutcomeComparison();
    comparison[side](wanted(1, 'a'));
    expect(comparison.difference).toBeNull();
    comparison.entered(timer(2));
    expect(comparison.difference).toEqual({ at: 1, after: null, ...difference });
  });

  test('a timer that had fired and does not run is one, and what a cut took away is none', () => {
    const comparison = new OutcomeComparison();
    comparison.replayed(told(1, 'wlan0'));
    comparison.forget();
    comparison.entered(timer(2));
    expect(comparison.difference).toBeNull();
    comparison.missing(timer(2));
    expect(comparison.difference).toMatchObject({ at: 2, expected: timer(2), found: null });
  });
});

describe('switch by switch', () => {
  function differencesOf(recorded: readonly TimedSwitch[], replayed: readonly TimedSwitch[]) {
    const found: SwitchDifference[] = [];
    const comparison = new SwitchComparison((difference) => found.push(difference));
    const all = [
      ...recorded.map((one) => ['recorded', one] as const),
      ...replayed.map((one) => ['replayed', one] as const),
    ];
    for (const [side, one] of all.toSorted(([, a], [, b]) => a.at - b.at)) {
      comparison.advanceTo(one.at);
      comparison[side](one);
    }
    comparison.finish();
    return { found: found.map(({ type, at }) => `${type} ${at}`), alike: comparison.alike };
  }

  test('some milliseconds and other figures are no difference', () => {
    const later = { ...switched(1020, 'wlan0'), switch: { ...switched(0, 'wlan0').switch, because: 'other figures' } };
    expect(differencesOf([switched(1000, 'wlan0')], [later])).toEqual({ found: [], alike: 1 });
  });

  test('one that only one side has is one, and another time or rule is one', () => {
    const recorded = [switched(1000, 'wlan0'), switched(100_000, 'wwan0'), switched(900_000, 'wlan0')];
    const replayed = [switched(11_000, 'wlan0'), switched(100_000, 'wwan0', 'usable'), switched(1_900_000, 'usb0')];
    expect(differencesOf(recorded, replayed)).toEqual({
      found: ['other 1000', 'other 100000', 'recordedOnly 900000', 'replayedOnly 1900000'],
      alike: 0,
    });
  });

  test('they are told in the order of time, though the one that waited in vain was known later', () => {
    const recorded = [switched(1000, 'wlan0'), switched(5000, 'wwan0')];
    expect(differencesOf(recorded, [switched(9000, 'wwan0')]).found).toEqual(['recordedOnly 1000', 'other 5000']);
  });

  test('nothing that has been told is kept', () => {
    const found: SwitchDifference[] = [];
    const comparison = new SwitchComparison((difference) => found.push(difference));
    comparison.recorded(switched(0, 'wlan0'));
    comparison.advanceTo(instant(241_000));
    expect(found).toHaveLength(1);
    comparison.finish();
    expect(found).toHaveLength(1);
  });
});
