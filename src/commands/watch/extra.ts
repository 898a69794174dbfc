import type { Family } from '../../model/family.ts';
import type { SelectionRule } from '../../model/status.ts';

/** A switch that was seen, with what it cost where somebody measured it. */
export interface SeenSwitch {
  /** Wall clock. */
  readonly at: Date;
  readonly family: Family;
  readonly from: string | null;
  readonly to: string | null;
  readonly rule: SelectionRule;
  readonly because: string;
  readonly outageMs?: number;
  readonly lost?: number;
}

/** What somebody measures who uses the network all the time. */
export interface Traffic {
  readonly what: string;
  /** The uplink that carries it, as seen from outside. */
  readonly uplink: string | null;
  readonly sent: number;
  readonly lost: number;
  readonly worstMs: number;
  /** Time since the last answer. */
  readonly silentMs: number;
  /** The longest time without an answer in each of the last intervals, oldest first. */
  readonly recentGapsMs: readonly number[];
}

export interface KeyHint {
  readonly key: string;
  readonly label: string;
}

/** What the view shows besides the daemon's status. */
export interface WatchExtra {
  readonly title: string;
  /** Wall clock. */
  readonly now: Date;
  readonly isConnected: boolean;
  readonly hasColour: boolean;
  /** Newest first. */
  readonly switches: readonly SeenSwitch[];
  readonly traffic?: Traffic;
  /** The uplink that keys act on. */
  readonly selected?: string;
  /** What was done to which uplink: `cable pulled`. */
  readonly faults?: ReadonlyMap<string, string>;
  readonly keys: readonly KeyHint[];
  /** What just happened, in one line. */
  readonly notice?: string;
}
