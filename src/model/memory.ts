import type { PerFamily } from './family.ts';
import type { Round, Verdict } from './probe.ts';
import type { LifecycleState } from './status.ts';
import type { Instant } from './units.ts';

/**
 * What was known of an uplink when a former run ended, as facts and not as states: whoever hears of it judges anew. Its
 * instants may lie before the process began: then they are negative.
 */
export interface UplinkMemory {
  /** Null: it is too old to be worth anything. */
  readonly lifecycle: { readonly state: LifecycleState; readonly since: Instant } | null;
  readonly damping: { readonly merit: number; readonly at: Instant; readonly isSuppressed: boolean };
  readonly measured: PerFamily<Measured | null>;
}

/** The latest rounds by one path. What targets at fault lost is not among them, and no cross-check is. */
export interface Measured {
  /** The address they left from. */
  readonly source: string;
  readonly gateway: string | null;
  /** What was made of them, to be read by people: it is judged anew. */
  readonly verdict: Verdict;
  readonly rounds: readonly Round[];
}
