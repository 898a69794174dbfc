/** How good a working uplink is, as one number (SCOR-1). Compared untruncated, shown truncated. */
import type { ScoringConfig } from '../../model/config.ts';
import type { InterfaceType } from '../../model/interface.ts';
import type { Score } from '../../model/status.ts';
import type { WindowFigures } from './statistics.decisions.ts';

export type ScoredFigures = Pick<WindowFigures, 'avgRttMs' | 'packetLossPercent' | 'successRate'>;

/** The untruncated score. Loss and success are those of the sliding window, so that an uplink can recover. */
export function scoreOf(figures: ScoredFigures, type: InterfaceType, config: ScoringConfig): Score {
  const { avgRttMs, packetLossPercent, successRate } = figures;
  const latency = avgRttMs === null ? 0 : (1 - shareOf(avgRttMs, config.maxRtt)) * config.weightLatency;
  const loss = (1 - shareOf(packetLossPercent, config.maxLossPercent)) * config.weightLoss;
  const success = successRate * config.weightSuccess;
  const bias = biasOf(type, config);
  return { total: latency + loss + success + bias, latency, loss, success, bias };
}

export const biasOf = (type: InterfaceType, config: ScoringConfig): number =>
  config.enablePolicyBias ? config.bias[type] * config.policyBiasMultiplier : 0;

/** The score as it is shown: the total is the truncated sum, not the sum of the truncated parts. */
export const shown = ({ total, latency, loss, success, bias }: Score): Score => ({
  total: Math.trunc(total),
  latency: Math.trunc(latency),
  loss: Math.trunc(loss),
  success: Math.trunc(success),
  bias: Math.trunc(bias),
});

/** How much of the limit a value uses up, 0 to 1. */
const shareOf = (value: number, limit: number): number => (value <= 0 ? 0 : Math.min(1, value / limit));
