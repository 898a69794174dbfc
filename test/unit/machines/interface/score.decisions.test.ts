import { describe, expect, test } from 'vitest';
import { scoreOf, shown } from '../../../../src/machines/interface/score.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { percent } from '../../../../src/model/units.ts';

const { scoring } = defaultConfig;
const figures = (avgRttMs: number | null, loss: number, successRate: number) => ({
  avgRttMs,
  packetLossPercent: percent(loss),
  successRate,
});

describe('SCOR-1: the score', () => {
  test.each([
    // RTT, loss, success rate → latency, loss, success, bias, total
    [20, 0, 1, { latency: 270, loss: 200, success: 500, bias: 100, total: 1070 }],
    [null, 0, 0, { latency: 0, loss: 200, success: 0, bias: 100, total: 300 }],
    [200, 10, 0.9, { latency: 0, loss: 0, success: 450, bias: 100, total: 550 }],
    [1000, 50, 0.5, { latency: 0, loss: 0, success: 250, bias: 100, total: 350 }],
    [1, 0.5, 1, { latency: 298, loss: 190, success: 500, bias: 100, total: 1088 }],
    [33, 5, 0.95, { latency: 250, loss: 100, success: 475, bias: 100, total: 925 }],
  ])('RTT %s ms, loss %s %%, success %s: to the digit', (rtt, loss, success, expected) => {
    expect(shown(scoreOf(figures(rtt, loss, success), 'ethernet', scoring))).toEqual(expected);
  });

  test.each([
    ['ethernet', 100],
    ['wifi', 80],
    ['lteModem', 60],
    ['usbTether', 40],
    ['bluetoothPan', 30],
    ['unknown', 0],
  ] as const)('the bias of %s is %d', (type, bias) => {
    expect(scoreOf(figures(20, 0, 1), type, scoring).bias).toBe(bias);
  });

  test('the shown total is the truncated sum, not the sum of truncated parts', () => {
    const score = scoreOf(figures(100 / 3, 10 / 3, 29 / 30), 'ethernet', scoring);
    const { total, latency, loss, success, bias } = shown(score);
    expect(total).toBe(Math.trunc(score.total));
    expect(total).not.toBe(latency + loss + success + bias);
  });

  test('a limit of nothing leaves no room for anything but nothing', () => {
    const strict = { ...scoring, maxLossPercent: percent(0) };
    const lossOf = (loss: number) => scoreOf(figures(20, loss, 1), 'wifi', strict).loss;
    expect([lossOf(0), lossOf(0.1)]).toEqual([200, 0]);
  });

  test('the bias may be multiplied, or left out', () => {
    const of = (overrides: object) => scoreOf(figures(20, 0, 1), 'wifi', { ...scoring, ...overrides }).bias;
    expect([of({ policyBiasMultiplier: 0.5 }), of({ enablePolicyBias: false })]).toEqual([40, 0]);
  });
});
