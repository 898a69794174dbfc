/** The figures of a sliding window of samples. */
import type { Sample } from '../../model/probe.ts';
import { percent, type Percent } from '../../model/units.ts';

export interface WindowFigures {
  /** How many samples the window holds. */
  readonly samples: number;
  readonly avgRttMs: number | null;
  readonly minRttMs: number | null;
  readonly maxRttMs: number | null;
  readonly p95RttMs: number | null;
  readonly jitterMs: number | null;
  readonly packetLossPercent: Percent;
  readonly successRate: number;
}

export function figuresOf(window: readonly Sample[]): WindowFigures {
  const rtts = window.flatMap(({ rtt }) => (rtt === null ? [] : [rtt])).toSorted((a, b) => a - b);
  const lost = window.length - rtts.length;
  return {
    samples: window.length,
    avgRttMs: rtts.length === 0 ? null : rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length,
    minRttMs: rtts[0] ?? null,
    maxRttMs: rtts.at(-1) ?? null,
    p95RttMs: rtts[Math.ceil(rtts.length * 0.95) - 1] ?? null,
    jitterMs: jitterOf(window),
    packetLossPercent: percent(window.length === 0 ? 0 : (100 * lost) / window.length),
    successRate: window.length === 0 ? 0 : rtts.length / window.length,
  };
}

/**
 * Jitter as RFC 3550 section 6.4.1 smooths it: J += (|D| − J) / 16. D is taken between samples of the same target: the
 * distance between two targets is no jitter. Null before two samples of one target were answered.
 */
function jitterOf(window: readonly Sample[]): number | null {
  const previous = new Map<string, number>();
  let jitter: number | null = null;
  for (const { target, rtt } of window) {
    if (rtt === null) continue;
    const before = previous.get(target);
    if (before !== undefined) {
      jitter ??= 0;
      jitter += (Math.abs(rtt - before) - jitter) / 16;
    }
    previous.set(target, rtt);
  }
  return jitter;
}

/** The figures as they would be had one lost sample been answered. */
export function withOneLossForgiven(figures: WindowFigures): WindowFigures {
  const { samples, packetLossPercent, successRate } = figures;
  if (packetLossPercent === 0) return figures;
  return {
    ...figures,
    packetLossPercent: percent(Math.max(0, packetLossPercent - 100 / samples)),
    successRate: Math.min(1, successRate + 1 / samples),
  };
}
