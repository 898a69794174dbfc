import { milliseconds, type Milliseconds } from '../model/units.ts';

/** What is known of the round-trip times of one target through one uplink. */
export interface RttEstimate {
  readonly smoothed: number;
  readonly variation: number;
}

export interface TimeoutBounds {
  readonly min: Milliseconds;
  readonly max: Milliseconds;
}

/** Before the first sample one second is waited (RFC 6298, 2.1). */
const initialTimeout = 1000;

/**
 * Takes in one round-trip time (RFC 6298, 2.2 and 2.3). Answers that needed a retransmission must not be given: nobody
 * knows which packet they answer (Karn's algorithm).
 */
export function withRtt(estimate: RttEstimate | undefined, rtt: Milliseconds): RttEstimate {
  if (estimate === undefined) return { smoothed: rtt, variation: rtt / 2 };
  return {
    // The variation is taken from the old mean, so it comes first.
    variation: 0.75 * estimate.variation + 0.25 * Math.abs(estimate.smoothed - rtt),
    smoothed: 0.875 * estimate.smoothed + 0.125 * rtt,
  };
}

/** How long an answer is waited for before the sample counts as lost: smoothed RTT + 4 × variation, within the bounds. */
export function adaptiveTimeout(estimate: RttEstimate | undefined, { min, max }: TimeoutBounds): Milliseconds {
  const wanted = estimate === undefined ? initialTimeout : estimate.smoothed + 4 * estimate.variation;
  return milliseconds(Math.min(max, Math.max(min, wanted)));
}
