import type { InterfaceType } from './interface.ts';
import { kilobitsPerSecond, megabytes, type BitsPerSecond, type Bytes } from './units.ts';

/** What may be spent on an uplink. */
export type UplinkPolicy = { readonly kind: 'unrestricted' } | { readonly kind: 'emergencyOnly' } | MeteredPolicy;

export interface MeteredPolicy {
  readonly kind: 'metered';
  readonly budget: Bytes;
  readonly period: 'monthly' | 'days' | 'prepaid';
  /** Day of the month on which a monthly period starts, 1 to 31. */
  readonly startDay: number;
  /** Length of a period of days. */
  readonly days: number;
  /** The IANA zone whose days are meant (`Europe/Berlin`). Missing: that of the machine. */
  readonly timeZone?: string;
  readonly atLimit: 'block' | 'throttle' | 'warn';
  /** What it is slowed down to, in each direction, where `atLimit` is `throttle`. Missing: `defaultThrottleRate`. */
  readonly throttleRate?: BitsPerSecond;
}

export const unrestrictedPolicy: UplinkPolicy = { kind: 'unrestricted' };

/** Enough for a terminal and for messages, and at most 1.4 GB a day each way. */
export const defaultThrottleRate: BitsPerSecond = kilobitsPerSecond(128);

export const defaultMeteredPolicy: MeteredPolicy = {
  kind: 'metered',
  budget: megabytes(1024),
  period: 'monthly',
  startDay: 1,
  days: 30,
  atLimit: 'block',
  throttleRate: defaultThrottleRate,
};

/** The policy of a type where the configuration names none: phones cost money until someone says otherwise. */
export const defaultPolicy = (type: InterfaceType): UplinkPolicy =>
  type === 'usbTether' || type === 'bluetoothPan' ? defaultMeteredPolicy : unrestrictedPolicy;
