import type { Family } from './family.ts';
import type { Instant, Milliseconds, Percent } from './units.ts';

interface TargetBase {
  /** The target's identity, as written in the configuration. */
  readonly text: string;
  readonly family: Family;
  /** What is probed; empty where a name stands for it that is not resolved yet. */
  readonly address: string;
  /** The name that stands for the address. It is resolved through each uplink anew, by the uplink's own name servers. */
  readonly host?: string;
}

/** What is probed, in one family. */
export type Target = TargetBase &
  (
    | { readonly kind: 'tcp'; readonly port: number }
    | { readonly kind: 'icmp' }
    | {
        readonly kind: 'http' | 'https';
        readonly port: number;
        readonly path: string;
        /** The status that a free way to the internet answers with. */
        readonly expectedStatus: number;
        /** What the body must contain; null for anything. */
        readonly expectedBody: string | null;
      }
    | {
        readonly kind: 'dns';
        readonly port: number;
        /** The name that is asked for. */
        readonly name: string;
      }
  );

/** Why a probe brought no answer. */
export type ProbeFailure =
  | 'timeout'
  | 'refused'
  | 'unreachable'
  | 'captivePortal'
  | 'badAnswer'
  /** The target is a name, and the uplink's name servers gave no address for it. */
  | 'unresolved'
  | 'linkDown'
  | 'notPermitted'
  | 'internal';

/** One probe of one target through one uplink. */
export interface Sample {
  readonly target: string;
  /** Round-trip time, null for a lost sample. A refusal and a captive portal have one: something answered. */
  readonly rtt: Milliseconds | null;
  /**
   * Null for an answer as it should be. `refused` and `captivePortal` are answers too: the way is open. The latter makes
   * the verdict degraded.
   */
  readonly failure: ProbeFailure | null;
  /** The answer needed a retransmitted SYN: the way is open, the link is lossy. It stays a lost sample. */
  readonly retransmitted: boolean;
}

/** Whether the sample counts as packet loss. */
export const isLost = (sample: Sample): boolean => sample.rtt === null;

/** Whether the target was reached, which is what the quorum of a round asks (HLTH-4). A lost sample may have reached it. */
export const hasAnswered = (sample: Sample): boolean => sample.rtt !== null || sample.retransmitted;

/** Targets of one uplink and family, probed at once. */
export interface Round {
  /** Counts up (not by one) in the order of sending, in which rounds need not finish; a late answer names it. */
  readonly id: number;
  readonly startedAt: Instant;
  /** `crossCheck`: one target alone, asked because another uplink lost it; no quorum can be judged on it. */
  readonly cause: 'interval' | 'burst' | 'crossCheck';
  /** Losses that a target at fault explains, and losses nobody could explain in time, are left out. Never empty. */
  readonly samples: readonly Sample[];
}

export type Verdict = 'unknown' | 'healthy' | 'degraded' | 'failed';

/** Statistics of one uplink and family (lifetime totals, and the sliding window). */
export interface ProbeStatistics {
  readonly totalProbes: number;
  readonly successfulProbes: number;
  readonly failedProbes: number;
  readonly avgRttMs: number | null;
  readonly minRttMs: number | null;
  readonly maxRttMs: number | null;
  readonly p95RttMs: number | null;
  /** Mean deviation of consecutive round-trip times, smoothed as RFC 3550 section 6.4.1 does. */
  readonly jitterMs: number | null;
  readonly packetLossPercent: Percent;
  /** Share of the window that was answered, 0 to 1; 0 before the first probe. */
  readonly successRate: number;
  readonly consecutiveFailures: number;
  readonly lastSuccess: Instant | null;
  readonly lastFailure: Instant | null;
}
