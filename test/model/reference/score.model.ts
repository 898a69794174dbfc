import type { ScoringConfig } from '../../../src/model/config.ts';
import type { InterfaceType } from '../../../src/model/interface.ts';

export interface Measured {
  readonly averageRtt: number | null;
  readonly lossPercent: number;
  readonly successRate: number;
}

/** SCOR-1, untruncated. */
export function scoreModel(measured: Measured, type: InterfaceType, config: ScoringConfig) {
  const { averageRtt, lossPercent, successRate } = measured;
  const latency = averageRtt === null ? 0 : (1 - Math.min(1, averageRtt / config.maxRtt)) * config.weightLatency;
  const loss = (1 - Math.min(1, lossPercent / config.maxLossPercent)) * config.weightLoss;
  const success = successRate * config.weightSuccess;
  const bias = config.enablePolicyBias ? config.bias[type] * config.policyBiasMultiplier : 0;
  return { total: latency + loss + success + bias, latency, loss, success, bias };
}

/** The same had one lost sample been answered. */
export function forgiven({ averageRtt }: Measured, lost: number, samples: number): Measured {
  const left = Math.max(0, lost - 1);
  if (samples === 0) return { averageRtt, lossPercent: 0, successRate: 0 };
  return { averageRtt, lossPercent: (100 * left) / samples, successRate: (samples - left) / samples };
}
