/** Data that is used by an uplink, and what may be. */
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
