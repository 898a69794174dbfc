import { describe, expect, test } from 'vitest';
import {
  applyLateAnswer,
  applyRound,
  clear,
  noHealth,
  statisticsOf,
  type Health,
} from '../../../../src/machines/interface/health.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { Round, Sample } from '../../../../src/model/probe.ts';
import { instant, percent } from '../../../../src/model/units.ts';
import { answered, badRound, goodRound, lost, round, targets } from '../examples.ts';

const [one, two] = targets;
const { probe } = defaultConfig;
const after = (rounds: readonly Round[], config = probe, start: Health = noHealth): Health =>
  rounds.reduce((health, next) => applyRound(health, next, instant(next.id), config), start);
const good = (from: number, count: number): Round[] => Array.from({ length: count }, (_, i) => goodRound(from + i));
const retransmitted = (target: string): Sample => ({ ...lost(target), retransmitted: true });

describe('the verdict', () => {
  test('is unknown before the first round', () => {
    expect(noHealth.verdict).toBe('unknown');
  });

  test('is healthy when the targets answer', () => {
    expect(after([goodRound(1)]).verdict).toBe('healthy');
  });

  test('is degraded after one failed round and failed after two in a row', () => {
    expect(after([...good(1, 10), badRound(11)]).verdict).toBe('degraded');
    expect(after([...good(1, 10), badRound(11), badRound(12)]).verdict).toBe('failed');
    expect(after([...good(1, 20), badRound(21), goodRound(22), badRound(23)]).verdict).toBe('degraded');
  });

  test('is degraded from 10 % of loss in the window on', () => {
    const lossy = round(11, [answered(one), lost(two)]);
    expect(after([...good(1, 10), lossy]).verdict).toBe('healthy');
    expect(after([...good(1, 9), lossy, { ...lossy, id: 12 }]).verdict).toBe('degraded');
  });

  test('is degraded from as many failed rounds in a row as are configured, also where the loss is small', () => {
    const tolerant = { ...probe, degradedLoss: percent(101), degradedThreshold: 2, downThreshold: 3 };
    expect([1, 2, 3].map((count) => after([1, 2, 3].slice(0, count).map(badRound), tolerant).verdict)).toEqual([
      'healthy',
      'degraded',
      'failed',
    ]);
  });

  test('needs as many failed rounds as are configured, also where the window is shorter', () => {
    const short = { ...probe, window: 1, downThreshold: 4 };
    const verdicts = [3, 4].map((count) => after([1, 2, 3, 4].slice(0, count).map(badRound), short).verdict);
    expect(verdicts).toEqual(['degraded', 'failed']);
    expect(after([1, 2, 3, 4].map(badRound), short).rounds).toHaveLength(4);
  });

  test('recovers as soon as the losses have left the window', () => {
    const losses = [badRound(1), badRound(2)];
    expect(after([...losses, ...good(3, 9)]).verdict).toBe('degraded');
    expect(after([...losses, ...good(3, 10)]).verdict).toBe('healthy');
  });

  test('is degraded behind a captive portal, for as long as it is there', () => {
    const captive = round(1, [{ ...answered(one), failure: 'captivePortal' }, answered(two)]);
    expect(after([captive]).verdict).toBe('degraded');
    expect(after([captive, goodRound(2)]).verdict).toBe('healthy');
  });

  test('HLTH-4: a round fails when fewer targets than the quorum answer', () => {
    const half = round(1, [answered(one), lost(two)]);
    expect(after([half, { ...half, id: 2 }]).verdict).toBe('degraded');
    expect(after([half, { ...half, id: 2 }], { ...probe, quorum: 2 }).verdict).toBe('failed');
  });

  test('a cross-check counts in the window and never as a failed round', () => {
    const checks = [1, 2, 3].map((id) => round(10 + id, [lost(one)], 'crossCheck'));
    const health = after([...good(1, 10), ...checks]);
    expect([health.consecutiveFailures, health.lostSamples, health.finishedRounds]).toEqual([0, 3, 10]);
    expect(after(checks)).toMatchObject({ verdict: 'unknown', isCaptive: false });
  });

  test('no number of cross-checks makes it forget the rounds that the verdict rests on', () => {
    const checks = Array.from({ length: 100 }, (_, i) => round(10 + i, [answered(one)], 'crossCheck'));
    expect(after([goodRound(1), ...checks]).verdict).toBe('healthy');
    expect(after([badRound(1), badRound(2), ...checks]).verdict).toBe('failed');
    expect(after([goodRound(1), ...checks]).rounds.length).toBeLessThanOrEqual(2 * probe.window);
  });

  test('rounds of a burst that finish out of turn are judged in the order of sending', () => {
    const health = after([...good(1, 10), goodRound(13), badRound(11), badRound(12)]);
    expect(health.consecutiveFailures).toBe(0);
  });

  test('a probe that could not be sent says nothing', () => {
    const unsent = round(2, [
      { ...lost(one), failure: 'notPermitted' },
      { ...lost(two), failure: 'internal' },
    ]);
    expect(after([goodRound(1), unsent])).toEqual(after([goodRound(1)]));
  });

  test('a round that is told twice counts once', () => {
    expect(after([badRound(1), badRound(1)]).verdict).toBe('degraded');
  });
});

describe('HLTH-5: a late answer', () => {
  test('undoes the failed round and the lost sample', () => {
    const failed = after([...good(1, 10), badRound(11), badRound(12)]);
    const health = applyLateAnswer(failed, 12, answered(one, 900), instant(13), probe);
    expect([health.verdict, health.consecutiveFailures, health.lostSamples]).toEqual(['degraded', 0, 3]);
    expect(statisticsOf(health)).toMatchObject({ successfulProbes: 21, failedProbes: 3, lastSuccess: 13 });
  });

  test('that needed a retransmission undoes the failed round but stays a lost sample', () => {
    const failed = after([...good(1, 10), badRound(11)]);
    const health = applyLateAnswer(failed, 11, retransmitted(one), instant(12), probe);
    expect([health.consecutiveFailures, health.lostSamples]).toEqual([0, 2]);
  });

  test('to a target that the round did not ask, or that is none after all, changes nothing', () => {
    const health = after([round(7, [lost(one)])]);
    expect(applyLateAnswer(health, 7, answered(two), instant(9), probe)).toBe(health);
    expect(applyLateAnswer(health, 7, lost(one), instant(9), probe)).toBe(health);
  });

  test('that needed a retransmission is no success in the totals', () => {
    const health = applyLateAnswer(after([badRound(1)]), 1, retransmitted(one), instant(2), probe);
    expect(statisticsOf(health)).toMatchObject({ successfulProbes: 0, failedProbes: 2, lastSuccess: null });
  });

  test('to a round that is forgotten, or to a sample that was answered, changes nothing', () => {
    const health = after([goodRound(7)]);
    expect(applyLateAnswer(health, 6, answered(one), instant(9), probe)).toBe(health);
    expect(applyLateAnswer(health, 7, answered(one, 5), instant(9), probe)).toBe(health);
  });
});

describe('HLTH-7: the totals', () => {
  test('are none before the first round', () => {
    expect(statisticsOf(noHealth)).toEqual({
      totalProbes: 0,
      successfulProbes: 0,
      failedProbes: 0,
      avgRttMs: null,
      minRttMs: null,
      maxRttMs: null,
      p95RttMs: null,
      jitterMs: null,
      packetLossPercent: 0,
      successRate: 0,
      consecutiveFailures: 0,
      lastSuccess: null,
      lastFailure: null,
    });
    expect(noHealth).toMatchObject({ verdict: 'unknown', isCaptive: false, lostSamples: 0, finishedRounds: 0 });
  });

  test('know when a probe was last answered and last lost, a round of one of each being both', () => {
    const times = (rounds: readonly Round[]) => {
      const { lastSuccess, lastFailure } = statisticsOf(after(rounds));
      return [lastSuccess, lastFailure];
    };
    expect(times([goodRound(1), badRound(2)])).toEqual([1, 2]);
    expect(times([badRound(1), goodRound(2)])).toEqual([2, 1]);
    expect(times([round(3, [answered(one), lost(two)])])).toEqual([3, 3]);
    expect(times([round(3, [answered(one)])])).toEqual([3, null]);
    expect(statisticsOf(after([badRound(1), badRound(2)])).consecutiveFailures).toBe(2);
  });
});

describe('HLTH-7: the statistics', () => {
  const rtts = [10, 30, 20, 60];
  const health = after(rtts.map((rtt, i) => round(i + 1, [answered(one, rtt)])));

  test('are those of the window', () => {
    expect(health.figures).toMatchObject({
      avgRttMs: 30,
      minRttMs: 10,
      maxRttMs: 60,
      p95RttMs: 60,
      packetLossPercent: 0,
    });
  });

  test('jitter is smoothed as in RFC 3550, target by target', () => {
    // |D| = 20, 10, 40: J = 20/16, then + (10 − J)/16, then + (40 − J)/16.
    const [a, b, c] = [20, 10, 40];
    const first = a / 16;
    const second = first + (b - first) / 16;
    expect(health.figures.jitterMs).toBeCloseTo(second + (c - second) / 16, 10);
    const apart = after([1, 2, 3].map((id) => round(id, [answered(one, 10), answered(two, 200)])));
    expect(apart.figures.jitterMs).toBe(0);
  });

  test('the window forgets, the lifetime does not', () => {
    const long = after([badRound(1), ...good(2, 50)]);
    expect(statisticsOf(long)).toMatchObject({
      totalProbes: 102,
      failedProbes: 2,
      packetLossPercent: 0,
      lastFailure: 1,
    });
  });

  test('no more rounds are kept than the window needs', () => {
    const ids = (count: number) => after(good(1, count)).rounds.map(({ id }) => id);
    expect([ids(20).length, ids(21).length, ids(25).length]).toEqual([20, 20, 20]);
    expect(ids(25)[0]).toBe(6);
  });

  test('failures in a row are counted beyond the window', () => {
    expect(after(Array.from({ length: 100 }, (_, i) => badRound(i + 1))).consecutiveFailures).toBe(100);
  });

  test('are cleared with the path, except for the lifetime', () => {
    const cleared = clear(after([badRound(1), badRound(2)]));
    expect([cleared.verdict, cleared.figures.packetLossPercent, cleared.rounds]).toEqual(['unknown', 0, []]);
    expect(statisticsOf(cleared).totalProbes).toBe(4);
  });
});
