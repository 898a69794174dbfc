import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { periodAt, type Period, type PeriodRule } from '../../../src/model/period.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Zones whose summer time begins at midnight, at other hours, by half an hour, or never; one that skipped a day. */
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Beirut',
  'Asia/Tehran',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
] as const;

const rules: fc.Arbitrary<PeriodRule> = fc.record({
  period: fc.constantFrom('monthly' as const, 'days' as const),
  startDay: fc.oneof(fc.constantFrom(1, 28, 29, 30, 31), fc.integer({ min: 1, max: 31 })),
  days: fc.oneof(fc.constantFrom(1, 7, 30), fc.integer({ min: 1, max: 400 })),
  timeZone: fc.constantFrom(...zones),
});
const moments = fc.oneof(
  fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2045, 0, 1) }),
  // Days on which clocks are changed, and around them.
  fc
    .tuple(
      fc.constantFrom('2026-03-29', '2026-10-25', '2018-11-04', '2018-02-18', '2011-12-30', '2011-03-13', '2026-03-08'),
      fc.integer({ min: -2 * day, max: 2 * day }),
    )
    .map(([date, offset]) => Date.parse(`${date}T00:00:00Z`) + offset),
);
const anchors = fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2030, 0, 1) });

const contains = ({ start, end }: Period, at: number): boolean => start <= at && (end === null || at < end);

/** What a calendar on the wall says, by a formatter of the test's own. */
function dateIn(zone: string, at: number): { readonly text: string; readonly day: number } {
  const text = new Date(at).toLocaleDateString('sv-SE', { timeZone: zone });
  return { text, day: Number(text.slice(8)) };
}

describe('TETH-5: periods of a budget tile the time line', () => {
  test('each moment lies in its period, and the next begins where it ends', () => {
    fc.assert(
      fc.property(rules, moments, anchors, (rule, at, anchor) => {
        const period = periodAt(rule, at, anchor);
        expect(contains(period, at)).toBe(true);
        const end = period.end ?? Number.NaN;
        expect(periodAt(rule, end, anchor).start).toBe(end);
        expect(periodAt(rule, end - 1, anchor)).toEqual(period);
        expect(periodAt(rule, period.start, anchor)).toEqual(period);
        expect(periodAt(rule, period.start - 1, anchor).end).toBe(period.start);
      }),
      { numRuns: 150 },
    );
  });

  test('a monthly one begins with the start day, or with the last of a month that has none such', () => {
    fc.assert(
      fc.property(rules, moments, ({ startDay, timeZone = 'UTC', days }, at) => {
        const { start } = periodAt({ period: 'monthly', startDay, timeZone, days }, at, 0);
        const first = dateIn(timeZone, start);
        const tomorrow = dateIn(timeZone, start + 26 * hour);
        expect(first.day === startDay || (first.day < startDay && tomorrow.day === 1)).toBe(true);
        expect(dateIn(timeZone, start - 1).text < first.text).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('one of days has as many as it should, by the calendar and not by hours', () => {
    fc.assert(
      fc.property(rules, moments, anchors, ({ days, timeZone = 'UTC', startDay }, at, anchor) => {
        // Samoa had no 30 December 2011.
        fc.pre(timeZone !== 'Pacific/Apia');
        const { start, end } = periodAt({ period: 'days', days, timeZone, startDay }, at, anchor);
        const dayOf = (moment: number): number => Date.parse(dateIn(timeZone, moment).text) / day;
        expect(dayOf(end ?? Number.NaN) - dayOf(start)).toBe(days);
        expect((dayOf(start) - dayOf(anchor)) % days).toBeCloseTo(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe('TETH-5: periods in particular', () => {
  const berlin = { period: 'monthly', startDay: 31, days: 30, timeZone: 'Europe/Berlin' } as const;
  const iso = ({ start, end }: Period): readonly (string | null)[] => [
    new Date(start).toISOString(),
    end === null ? null : new Date(end).toISOString(),
  ];

  test('day 31 is the 28th of a February, the 29th of a leap year’s', () => {
    expect(iso(periodAt(berlin, Date.UTC(2026, 1, 10), 0))).toEqual([
      '2026-01-30T23:00:00.000Z',
      '2026-02-27T23:00:00.000Z',
    ]);
    expect(iso(periodAt(berlin, Date.UTC(2028, 1, 29, 12), 0))).toEqual([
      '2028-02-28T23:00:00.000Z',
      '2028-03-30T22:00:00.000Z',
    ]);
  });

  test('where summer time begins at midnight the day begins at one o’clock', () => {
    const havana = { ...berlin, startDay: 8, timeZone: 'America/Havana' };
    expect(iso(periodAt(havana, Date.UTC(2026, 2, 20), 0))[0]).toBe('2026-03-08T05:00:00.000Z');
  });

  test('a day of 23 hours is a day', () => {
    const daily = { ...berlin, period: 'days', days: 1 } as const;
    expect(iso(periodAt(daily, Date.UTC(2026, 2, 29, 12), 0))).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
  });

  test('prepaid data has a beginning, and ends when it is used up', () => {
    expect(periodAt({ ...berlin, period: 'prepaid' }, Date.UTC(2026, 2, 29), 1234)).toEqual({ start: 1234, end: null });
  });

  test('without a zone it is the machine’s', () => {
    const { timeZone: _zone, ...local } = berlin;
    const { start } = periodAt({ ...local, startDay: 1 }, Date.UTC(2026, 5, 15), 0);
    expect(new Date(start).getTime()).toBe(new Date(2026, 5, 1).getTime());
  });
});
