/** Data that is used by an uplink, and what may be. */
import type { MeteredPolicy } from './config.ts';
import type { Period, WallTime } from './period.ts';
import type { Bytes } from './units.ts';

/** How much of a budget is used: less than 75 %, at least that, at least 90 %, all of it. */
export const budgetLevels = ['below', 'at75', 'at90', 'exhausted'] as const;
export type BudgetLevel = (typeof budgetLevels)[number];

/** What `status` tells of the data that an uplink has used. */
export interface UsageStatus {
  readonly receivedBytes: Bytes;
  readonly sentBytes: Bytes;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** What `status` and `budget` tell of a metered uplink, present or not. */
export interface BudgetStatus {
  /** What it belongs to, whatever the interface is called: `usb serial …`, `mac …`. */
  readonly identity: string;
  /** Null while it is not plugged in. */
  readonly iface: string | null;
  readonly usedBytes: Bytes;
  readonly budgetBytes: Bytes;
  readonly usedPercent: number;
  readonly level: BudgetLevel;
  readonly period: 'monthly' | 'days' | 'prepaid';
  /** ISO 8601, UTC. */
  readonly periodStart: string;
  /** Null: prepaid data does not come back by itself. */
  readonly periodEnd: string | null;
  readonly atLimit: 'block' | 'throttle' | 'warn';
}

/** The level of a budget. All of it is used up at exactly as many bytes as it has. */
export function levelOf(used: number, budget: number): BudgetLevel {
  if (used >= budget) return 'exhausted';
  const share = used / budget;
  return share >= 0.9 ? 'at90' : share >= 0.75 ? 'at75' : 'below';
}

/** Whether more is used at this level than at that one. */
export const isAbove = (level: BudgetLevel, other: BudgetLevel): boolean =>
  budgetLevels.indexOf(level) > budgetLevels.indexOf(other);

/** What an identity has used in one period. */
export interface PeriodUsage extends Period {
  readonly usedBytes: number;
  /** The highest level that was told of. */
  readonly told: BudgetLevel;
}

/** What is kept of an identity, whether it is plugged in or not. */
export interface UsageAccount {
  readonly identity: string;
  /** The name of its interface when it was seen last. */
  readonly name: string;
  /** Null: it is counted, and has no budget. */
  readonly policy: MeteredPolicy | null;
  /** All since counting began. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly since: WallTime;
  readonly lastSeen: WallTime;
  /** What periods of days and prepaid data are counted from. */
  readonly anchor: WallTime;
  /** By `start`. Of more than one, all but `current` are what the clock said before it was set. */
  readonly periods: readonly PeriodUsage[];
  /** The start of the period in use; null while there is none. */
  readonly current: WallTime | null;
}

/** What the kernel's counters showed when they were looked at last: what they show more of has not been counted. */
export interface CounterBaseline {
  readonly index: number;
  readonly identity: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** All that is known of the data used: enough to count on from. */
export interface UsageRecord {
  readonly accounts: readonly UsageAccount[];
  readonly baselines: readonly CounterBaseline[];
}
