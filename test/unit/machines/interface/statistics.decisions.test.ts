import { describe, expect, test } from 'vitest';
import { asDelay } from '../../../../src/machines/delay.decisions.ts';
import { timeUntilReuse } from '../../../../src/machines/interface/damping.decisions.ts';
import { shown } from '../../../../src/machines/interface/score.decisions.ts';
import { figuresOf, withOneLossForgiven } from '../../../../src/machines/interface/statistics.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { Sample } from '../../../../src/model/probe.ts';
import { instant, milliseconds } from '../../../../src/model/units.ts';
import { answered, lost, targets } from '../examples.ts';

const [one, two] = targets;
const noFigures = {
  samples: 0,
  avgRttMs: null,
  minRttMs: null,
  maxRttMs: null,
  p95RttMs: null,
  jitterMs: null,
  packetLossPercent: 0,
  successRate: 0,
};

describe('HLTH-7: the figures of a window', () => {
  test('are none before the first sample', () => {
    expect(figuresOf([])).toEqual(noFigures);
  });

  test('of lost samples only are a full loss, and no time', () => {
    expect(figuresOf([lost(one), lost(two)])).toEqual({ ...noFigures, samples: 2, packetLossPercent: 100 });
  });

  test('do not depend on the order of the samples, but for the jitter', () => {
    const rtts = [9, 100, 20, 3, 40];
    expect(figuresOf(rtts.map((rtt) => answered(one, rtt)))).toMatchObject({
      samples: 5,
      avgRttMs: 34.4,
      minRttMs: 3,
      maxRttMs: 100,
      p95RttMs: 100,
      packetLossPercent: 0,
      successRate: 1,
    });
  });

  test('have a 95th percentile that leaves one of twenty samples above it', () => {
    const samples = Array.from({ length: 20 }, (_, i) => answered(one, 20 - i));
    expect(figuresOf(samples)).toMatchObject({ p95RttMs: 19, maxRttMs: 20 });
  });

  test('pass a lost sample over in the jitter: it goes on from the one before', () => {
    expect(figuresOf([answered(one, 10), lost(one), answered(one, 26)]).jitterMs).toBe(1);
    expect(figuresOf([answered(one, 26), answered(one, 10)]).jitterMs).toBe(1);
    expect(figuresOf([answered(one, 10), answered(two, 26)]).jitterMs).toBeNull();
  });
});

describe('SEL-1: one lost sample forgiven', () => {
  const window = (lostSamples: number, samples: number): readonly Sample[] => [
    ...Array.from({ length: lostSamples }, () => lost(one)),
    ...Array.from({ length: samples - lostSamples }, () => answered(one)),
  ];

  test.each([
    [1, 20, 0, 1],
    [2, 20, 5, 0.95],
    [3, 4, 50, 0.5],
    [1, 1, 0, 1],
  ])('makes of %d in %d a loss of %d %% and a success rate of %d', (lostSamples, samples, loss, success) => {
    const forgiven = withOneLossForgiven(figuresOf(window(lostSamples, samples)));
    expect(forgiven.packetLossPercent).toBeCloseTo(loss, 10);
    expect(forgiven.successRate).toBeCloseTo(success, 10);
    expect(forgiven.packetLossPercent).toBeGreaterThanOrEqual(0);
    expect(forgiven.successRate).toBeLessThanOrEqual(1);
  });

  test('changes nothing where none was lost, and none of the times', () => {
    const clean = figuresOf(window(0, 20));
    expect(withOneLossForgiven(clean)).toBe(clean);
    expect(withOneLossForgiven(figuresOf([]))).toEqual(noFigures);
    expect(withOneLossForgiven(figuresOf([...window(1, 3), answered(one, 40)]))).toMatchObject({
      samples: 4,
      minRttMs: 20,
      maxRttMs: 40,
    });
  });
});

describe('a shown score', () => {
  test('has no fractions in any of its parts', () => {
    expect(shown({ total: 1.9, latency: 2.9, loss: 3.9, success: 4.9, bias: 5.9 })).toEqual({
      total: 1,
      latency: 2,
      loss: 3,
      success: 4,
      bias: 5,
    });
  });
});

describe('a delay', () => {
  test('waits for the whole of a millisecond that has begun, and not at all for what is over', () => {
    expect([asDelay(0.1), asDelay(7), asDelay(0), asDelay(-5)]).toEqual([1, 7, 0, 0]);
  });

  test('waits as long as a timer can, and no longer', () => {
    expect([asDelay(1e15), asDelay(Number.POSITIVE_INFINITY), asDelay(Number.NaN)]).toEqual([
      2_147_483_647, 2_147_483_647, 2_147_483_647,
    ]);
  });
});

describe('SEL-2: the time until an uplink is reused', () => {
  const { damping } = defaultConfig.selection;
  const untilReuse = (merit: number, halfLife = 60_000, now = 0): number =>
    timeUntilReuse({ merit, at: instant(0) }, instant(now), { ...damping, halfLife: milliseconds(halfLife) });

  test('ends with the first whole millisecond at which the penalty is below the limit', () => {
    expect([untilReuse(1500), untilReuse(3000)]).toEqual([60_001, 120_001]);
    // 1000 is reached after 0.415… half-lives.
    expect(untilReuse(1000, 1000)).toBe(416);
    expect(untilReuse(750)).toBe(1);
  });

  test('ends at that same millisecond whenever it is asked for', () => {
    for (let now = 0; now <= 120_000; now += 16) expect(now + untilReuse(3000, 60_000, now)).toBe(120_001);
  });

  test('is none where the penalty is below the limit already', () => {
    expect(untilReuse(3000, 60_000, 120_001)).toBe(0);
    expect([untilReuse(749), untilReuse(0)]).toEqual([0, 0]);
  });
});
