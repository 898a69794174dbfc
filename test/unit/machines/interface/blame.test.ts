import { describe, expect, test } from 'vitest';
import { applyRound, blame, noHealth, type Health } from '../../../../src/machines/interface/health.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import type { Round } from '../../../../src/model/probe.ts';
import { instant } from '../../../../src/model/units.ts';
import { answered, badRound, goodRound, lost, round, targets } from '../examples.ts';

const [one, two] = targets;
const { probe } = defaultConfig;
const after = (rounds: readonly Round[], config = probe, start: Health = noHealth): Health =>
  rounds.reduce((health, next) => applyRound(health, next, instant(next.id), config), start);

describe('HLTH-4: a blamed target', () => {
  const oneDead = (id: number): Round => round(id, [lost(one), answered(two)]);
  const spoiled = after(Array.from({ length: 10 }, (_, i) => oneDead(i + 1)));

  test('spoils neither loss nor success rate nor verdict, also in retrospect', () => {
    expect(spoiled.figures.packetLossPercent).toBe(50);
    const health = blame(spoiled, [one], targets, probe);
    expect([health.verdict, health.figures.packetLossPercent, health.figures.successRate]).toEqual(['healthy', 0, 1]);
  });

  test('does not count for the quorum', () => {
    const strict = { ...probe, quorum: 2 };
    const failed = after([oneDead(1), oneDead(2)], strict);
    expect(failed.verdict).toBe('failed');
    expect(blame(failed, [one], targets, strict).verdict).toBe('healthy');
  });

  test('counts again when it is cleared', () => {
    expect(blame(blame(spoiled, [one], targets, probe), [], targets, probe)).toEqual(spoiled);
  });

  test('that is blamed already changes nothing', () => {
    const health = blame(spoiled, [one], targets, probe);
    expect(blame(health, [one], targets, probe)).toBe(health);
  });

  test('is another blame than that of another target, though they are as many', () => {
    const moved = blame(blame(spoiled, [two], targets, probe), [one], targets, probe);
    expect([moved.blamed, moved.figures.packetLossPercent]).toEqual([[one], 0]);
  });

  test('leaves a round that asked nothing else out of the rounds', () => {
    const alone = [round(1, [lost(one)]), round(2, [lost(one)])];
    const health = blame(after([goodRound(0), ...alone]), [one], targets, probe);
    expect([health.verdict, health.consecutiveFailures]).toEqual(['healthy', 0]);
    expect(blame(after(alone), [one], targets, probe).verdict).toBe('unknown');
  });

  test('is not blamed when none would be left', () => {
    expect(blame(spoiled, targets, targets, probe)).toBe(spoiled);
    expect(blame(after([badRound(1), badRound(2)]), targets, targets, probe).verdict).toBe('failed');
  });
});
