/**
 * When a budget begins anew: calendar arithmetic on the wall clock of a time zone.
 *
 * Every border is the first moment of a local day, whatever summer time does to its hours, so that one period ends
 * where the next begins: they tile the time line.
 */
import type { MeteredPolicy } from './config.ts';

/** A moment on the wall clock: milliseconds since 1970 in UTC. Unlike an `Instant` it jumps when the clock is set. */
export type WallTime = number;

/** From `start` to before `end`. */
export interface Period {
  readonly start: WallTime;
  /** Null: prepaid data does not come back by itself. */
  readonly end: WallTime | null;
}

/** What makes periods what they are. */
export type PeriodRule = Pick<MeteredPolicy, 'period' | 'startDay' | 'days' | 'timeZone'>;

const hour = 3_600_000;
const day = 24 * hour;

/**
 * The period that a moment lies in.
 *
 * - `monthly`: from the start day of a month to that of the next. In a month without that day it is the last one.
 * - `days`: so many local days each, counted from the day of `anchor` in both directions.
 * - `prepaid`: from `anchor` on, without an end.
 *
 * @param anchor when counting began, or was begun anew by hand
 */
export function periodAt(rule: PeriodRule, at: WallTime, anchor: WallTime): Period {
  if (rule.period === 'prepaid') return { start: anchor, end: null };
  const zone = rule.timeZone;
  const border = rule.period === 'monthly' ? monthlyBorder(rule) : dailyBorder(rule, anchor);
  let number = rule.period === 'monthly' ? monthNumber(zone, at) : Math.floor((at - anchor) / (rule.days * day));
  // The guess is off by one before the start day, and where days of 23 or 25 hours have added up.
  while (border(number) > at) number -= 1;
  while (border(number + 1) <= at) number += 1;
  return { start: border(number), end: border(number + 1) };
}

/** What is told apart by it has periods of its own. */
export const describePeriods = ({ period, startDay, days, timeZone }: PeriodRule): string => {
  if (period === 'prepaid') return period;
  return `${period === 'monthly' ? `monthly from day ${startDay}` : `each ${days} days`} in ${timeZone ?? 'local time'}`;
};

const monthlyBorder =
  ({ startDay, timeZone }: PeriodRule) =>
  (number: number): WallTime => {
    const [year, month] = [Math.floor(number / 12), number - 12 * Math.floor(number / 12)];
    const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    return startOfDay(timeZone, Date.UTC(year, month, Math.min(startDay, lastDay)));
  };

function dailyBorder({ days, timeZone }: PeriodRule, anchor: WallTime): (number: number) => WallTime {
  const first = Math.floor(wallFace(timeZone, anchor) / day);
  return (number) => startOfDay(timeZone, (first + number * days) * day);
}

function monthNumber(zone: string | undefined, at: WallTime): number {
  const face = new Date(wallFace(zone, at));
  return 12 * face.getUTCFullYear() + face.getUTCMonth();
}

/** No zone has ever been further from UTC. */
const furthest = 16 * hour;

/**
 * The first moment of a local day, which is not always midnight: where summer time begins at midnight it is one o'clock.
 *
 * @param date the day, as the moment at which it begins in UTC
 */
function startOfDay(zone: string | undefined, date: number): WallTime {
  let before = date - furthest;
  let from = date + furthest;
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (wallFace(zone, middle) < date) before = middle;
    else from = middle;
  }
  return from;
}

/** What the clock on the wall shows, as the moment at which one in UTC shows it. */
function wallFace(zone: string | undefined, at: WallTime): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of clockOf(zone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day: date = 1, hour: hours = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, date, hours, minute, second) + (((at % 1000) + 1000) % 1000);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than all that is asked of it. */
function clockOf(zone: string | undefined): Intl.DateTimeFormat {
  const key = zone ?? '';
  const known = clocks.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-u-ca-iso8601', {
    ...(zone === undefined ? {} : { timeZone: zone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(key, made);
  return made;
}
