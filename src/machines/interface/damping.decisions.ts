/**
 * Flap damping as RFC 2439 describes it: each loss adds a penalty, the sum decays by half in every half-life, and an
 * uplink whose penalty is too high is held back until it has decayed enough.
 */
import type { DampingConfig } from '../../model/config.ts';
import { elapsed, milliseconds, type Instant, type Milliseconds } from '../../model/units.ts';

export interface Damping {
  /** The penalty as of `at`. */
  readonly merit: number;
  readonly at: Instant;
}

export const meritAt = ({ merit, at }: Damping, now: Instant, { halfLife }: DampingConfig): number =>
  merit * 0.5 ** (Math.max(0, elapsed(at, now)) / halfLife);

export const penalise = (damping: Damping, now: Instant, config: DampingConfig): Damping => ({
  merit: Math.min(config.ceiling, meritAt(damping, now, config) + config.penalty),
  at: now,
});

export const isTooHigh = (damping: Damping, now: Instant, config: DampingConfig): boolean =>
  meritAt(damping, now, config) > config.suppressAbove;

/** How long until the penalty has decayed below the limit of reuse; 0 when it has. */
export function timeUntilReuse({ merit, at }: Damping, now: Instant, config: DampingConfig): Milliseconds {
  // From the penalty as it was noted, not as it is now: what is rounded twice may be a millisecond short.
  const left = Math.log2(merit / config.reuseBelow) * config.halfLife - Math.max(0, elapsed(at, now));
  // One more millisecond: below the limit, not at it.
  return milliseconds(left < 0 ? 0 : Math.floor(left) + 1);
}
