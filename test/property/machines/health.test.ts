import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyLateAnswer,
  applyRound,
  blame,
  noHealth,
  statisticsOf,
  type Health,
} from '../../../src/machines/interface/health.decisions.ts';
import { scoreOf } from '../../../src/machines/interface/score.decisions.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import type { Round } from '../../../src/model/probe.ts';
import { instant } from '../../../src/model/units.ts';
import { answered, lost, round, targets } from '../../unit/machines/examples.ts';

const { probe, scoring } = defaultConfig;
const at = instant(0);

const samples = fc
  .tuple(...targets.map(() => fc.option(fc.integer({ min: 1, max: 400 }))))
  .map((rtts) => rtts.map((rtt, i) => (rtt === null ? lost(targets[i]) : answered(targets[i], rtt))));
const rounds = fc
  .array(fc.tuple(samples, fc.constantFrom('interval' as const, 'burst' as const, 'crossCheck' as const)), {
    maxLength: 60,
    // By default lists are short: no window would ever be full.
    size: 'max',
  })
  .map((list) => list.map(([taken, cause], id) => round(id, taken, cause)));

const after = (list: readonly Round[]): Health =>
  list.reduce((health, next) => applyRound(health, next, at, probe), noHealth);
const judgement = ({ verdict, figures, consecutiveFailures, lostSamples }: Health) => ({
  verdict,
  figures,
  consecutiveFailures,
  lostSamples,
});

describe('the health of an uplink', () => {
  test('is the same whether an answer came late or in time', () => {
    fc.assert(
      fc.property(rounds, fc.nat(19), (list, back) => {
        const late = list.at(-1 - back);
        fc.pre(late !== undefined);
        const inTime = { ...late, samples: late.samples.map(({ target }) => answered(target, 7)) };
        const given = { ...late, samples: late.samples.map(({ target }) => lost(target)) };
        const spoiled = after(list.map((one) => (one === late ? given : one)));
        const undone = targets.reduce(
          (health, target) => applyLateAnswer(health, late.id, answered(target, 7), at, probe),
          spoiled,
        );
        expect(judgement(undone)).toEqual(judgement(after(list.map((one) => (one === late ? inTime : one)))));
      }),
    );
  });

  test('does not depend on the order in which overlapping rounds finish', () => {
    fc.assert(
      fc.property(rounds, fc.nat(10), (list, position) => {
        const [a, b] = [list[position], list[position + 1]];
        fc.pre(a !== undefined && b !== undefined);
        const swapped = list.with(position, b).with(position + 1, a);
        expect(judgement(after(swapped))).toEqual(judgement(after(list)));
      }),
    );
  });

  test('knows nothing of a blamed target: as if it had never been asked', () => {
    fc.assert(
      fc.property(rounds, (list) => {
        const [dead, alive] = targets;
        const without = list.map((one) => ({ ...one, samples: one.samples.filter(({ target }) => target === alive) }));
        const { verdict, figures, consecutiveFailures } = judgement(blame(after(list), [dead], targets, probe));
        expect({ verdict, figures, consecutiveFailures }).toMatchObject({
          verdict: after(without).verdict,
          figures: after(without).figures,
          consecutiveFailures: after(without).consecutiveFailures,
        });
      }),
    );
  });

  test('stays within its bounds, and so does the score', () => {
    fc.assert(
      fc.property(rounds, (list) => {
        const { figures, rounds: kept } = after(list);
        const { totalProbes, successfulProbes, failedProbes } = statisticsOf(after(list));
        for (const isCheck of [true, false]) {
          const alike = kept.filter(({ cause }) => (cause === 'crossCheck') === isCheck);
          expect(alike.length).toBeLessThanOrEqual(probe.window);
        }
        expect(figures.samples).toBeLessThanOrEqual(probe.window);
        expect(figures.packetLossPercent / 100 + figures.successRate).toBeCloseTo(figures.samples === 0 ? 0 : 1, 10);
        expect(successfulProbes + failedProbes).toBe(totalProbes);
        const { total } = scoreOf(figures, 'ethernet', scoring);
        expect(total).toBeGreaterThanOrEqual(0);
        expect(total).toBeLessThanOrEqual(1100);
      }),
    );
  });
});
