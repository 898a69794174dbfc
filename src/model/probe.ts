import type { Family } from './family.ts';
import type { Instant, Milliseconds, Percent } from './units.ts';

/** An address that is probed. `text` is its identity, as written in the configuration. */
export type Target =
  | {
      readonly kind: 'tcp';
      readonly text: string;
      readonly family: Family;
      readonly address: string;
      readonly port: number;
    }
  | { readonly kind: 'icmp'; readonly text: string; readonly family: Family; readonly address: string }
  | {
      readonly kind: 'http' | 'https';
      readonly text: string;
      readonly family: Family;
      readonly address: string;
      readonly port: number;
      readonly path: string;
      /** The status that a free way to the internet answers with. */
      readonly expectedStatus: number;
      /** What the body must contain; null for anything. */
      readonly expectedBody: string | null;
    }
  | {
      readonly kind: 'dns';
      readonly text: string;
      readonly family: Family;
      readonly address: string;
      readonly port: number;
      /** The name that is asked for. */
      readonly name: string;
    };

/** Why a probe brought no answer. */
export type ProbeFailure =
  | 'timeout'
  | 'refused'
  | 'unreachable'
  | 'captivePortal'
  | 'badAnswer'
  | 'linkDown'
  | 'notPermitted'
  | 'internal';

/** One probe of one target through one uplink. */
export interface Sample {
  readonly target: string;
  /** Round-trip time, null for a lost sample. */
  readonly rtt: Milliseconds | null;
  /** Null for an answered sample. `captivePortal` counts as answered for reachability and makes the verdict degraded. */
  readonly failure: ProbeFailure | null;
  /** The answer needed a retransmitted SYN: the way is open, the link is lossy. It stays a lost sample. */
  readonly retransmitted: boolean;
}

/** All targets of one uplink and family, probed at once. */
export interface Round {
  /** Counts up per uplink and family; a late answer names it. */
  readonly id: number;
  readonly startedAt: Instant;
  readonly cause: 'interval' | 'burst' | 'crossCheck';
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
