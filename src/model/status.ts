import type { Family, PerFamily } from './family.ts';
import type { HotspotStatus } from './hotspot.ts';
import type { InterfaceAddress, InterfaceType } from './interface.ts';
import type { Problem } from './errors.ts';
import type { ModemStatus } from './modem.ts';
import type { Verdict } from './probe.ts';
import type { TetherStatus } from './tether.ts';
import type { BudgetStatus, UsageStatus } from './usage.ts';

/** The slow, damped opinion of an uplink; it follows the better family. */
export type LifecycleState = 'up' | 'degraded' | 'down' | 'probing';

/** The rules of selection in the order they are asked; `only`: there was nothing else to choose. */
export const selectionRules = [
  'usable',
  'reachable',
  'pinned',
  'cost',
  'lifecycle',
  'score',
  'incumbent',
  'bias',
  'name',
  'only',
] as const;
export type SelectionRule = (typeof selectionRules)[number];

/** The parts of a score, as shown: truncated. They are compared untruncated. */
export interface Score {
  readonly total: number;
  readonly latency: number;
  readonly loss: number;
  readonly success: number;
  readonly bias: number;
}

export interface ActiveStatus {
  readonly iface: string;
  readonly state: LifecycleState;
  readonly score: number;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly rule: SelectionRule;
  /** One sentence with both sides' figures. */
  readonly because: string;
}

export interface HoldDownStatus {
  readonly to: LifecycleState;
  readonly remainingMs: number;
}

export interface StatisticsStatus {
  readonly totalProbes: number;
  readonly successfulProbes: number;
  readonly failedProbes: number;
  readonly avgRttMs: number | null;
  readonly minRttMs: number | null;
  readonly maxRttMs: number | null;
  readonly p95RttMs: number | null;
  readonly jitterMs: number | null;
  readonly packetLossPercent: number;
  readonly consecutiveFailures: number;
  readonly lastSuccess: string | null;
  readonly lastFailure: string | null;
}

export interface InterfaceStatus {
  readonly name: string;
  readonly ifindex: number;
  readonly type: InterfaceType;
  readonly evidence: string;
  readonly isUp: boolean;
  readonly hasCarrier: boolean;
  readonly hasAddress: boolean;
  readonly mtu: number;
  readonly macAddress: string | null;
  readonly ipv4Addresses: readonly InterfaceAddress[];
  readonly ipv6Addresses: readonly InterfaceAddress[];
  readonly gateways: PerFamily<string | null>;
  readonly driver: string | null;
  readonly state: LifecycleState;
  readonly since: string;
  readonly verdict: PerFamily<Verdict>;
  readonly holdDown: HoldDownStatus | null;
  readonly candidate: boolean;
  /** Why it is none; null for a candidate. */
  readonly notCandidateBecause: string | null;
  readonly usable: PerFamily<boolean>;
  readonly reachable: PerFamily<boolean>;
  readonly damping: { readonly merit: number; readonly suppressed: boolean; readonly reuseInMs: number | null };
  /** Of the better family. */
  readonly score: Score;
  readonly scores: PerFamily<Score>;
  readonly stats: PerFamily<StatisticsStatus>;
  readonly policy: string;
  /** Null where it is not counted. */
  readonly usage: UsageStatus | null;
  /** What its modem tells by ModemManager; null where there is none, or nobody to ask. */
  readonly modem: ModemStatus | null;
}

/** Flows that still use an uplink which is not active any more. */
export interface DepartureStatus {
  readonly iface: string;
  readonly family: Family;
  /** `finishing`: they may finish. `lingering`: for a while. `trapped`: there is no other way. `ended`: they are ended. */
  readonly state: 'finishing' | 'lingering' | 'trapped' | 'ended';
  /** Until lingering flows are ended; null in other states. */
  readonly endsInMs: number | null;
}

/** Another uplink leads in score, and is taken when it has led for long enough. */
export interface ChallengeStatus {
  readonly iface: string;
  /** Until its lead has lasted; 0 when only rounds are missing. */
  readonly dueInMs: number;
  /** Rounds of probes over which it still has to lead. */
  readonly roundsLeft: number;
  /** One sentence with both sides' figures, and why it takes longer than usual where it does. */
  readonly because: string;
}

/** What `status --json` prints. */
export interface Status {
  readonly active: PerFamily<ActiveStatus | null>;
  readonly challenges: PerFamily<ChallengeStatus | null>;
  readonly ranking: PerFamily<readonly string[]>;
  readonly pinned: string | null;
  readonly interfaces: readonly InterfaceStatus[];
  readonly blamedTargets: readonly {
    readonly family: Family;
    readonly target: string;
    readonly iface: string | null;
  }[];
  readonly departures: readonly DepartureStatus[];
  readonly problems: readonly Problem[];
  /** Null where the configuration has none. */
  readonly hotspot: HotspotStatus | null;
  readonly tethers: readonly TetherStatus[];
  readonly budgets: readonly BudgetStatus[];
  /** Null: the machine has no battery, or does not say. */
  readonly onBattery: boolean | null;
}

/** A change of the active uplink of one family. */
export interface Switch {
  readonly family: Family;
  readonly from: string | null;
  readonly to: string | null;
  readonly rule: SelectionRule;
  readonly because: string;
}

/** One rule of selection as it stands between two uplinks. */
export interface RuleComparison {
  readonly rule: SelectionRule;
  /** What the rule says of the one that is asked about, in words and figures. */
  readonly left: string;
  /** What it says of the other. */
  readonly right: string;
  /** The rule prefers this one; null when it sees no difference. */
  readonly prefers: 'left' | 'right' | null;
  /** This rule decided. */
  readonly decides: boolean;
}

/** Why an uplink is the active one, or why it is not. */
export interface UplinkExplanation {
  readonly family: Family;
  readonly name: string;
  /** The uplink it is compared with: the active one, or the best other one; null when there is none. */
  readonly against: string | null;
  readonly isActive: boolean;
  /** One sentence. */
  readonly because: string;
  readonly rules: readonly RuleComparison[];
}

/** What `explain --json` prints. */
export interface Explanation {
  readonly uplinks: readonly UplinkExplanation[];
}
