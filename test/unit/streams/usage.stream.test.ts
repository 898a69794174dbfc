import { describe, expect, test } from 'vitest';
import { defaultMeteredPolicy, unrestrictedPolicy } from '../../../src/model/config.ts';
import { bytes } from '../../../src/model/units.ts';
import { facts } from '../machines/examples.ts';
import { budget, carried, phone, UsageBench } from './usage-bench.ts';

const day = 86_400_000;

describe('TETH-4: the data that is used', () => {
  test('is read whenever someone looks where a budget may run out, each 30 s elsewhere', () => {
    const bench = new UsageBench({ present: [phone(5), facts({ index: 2 })] });
    bench.reads.length = 0;
    bench.pass(60);
    expect(bench.reads.filter((index) => index === 5)).toHaveLength(120);
    expect(bench.reads.filter((index) => index === 2)).toHaveLength(2);
  });

  test('is counted in both directions, from where the program came', () => {
    const bench = new UsageBench({ present: [phone(5)], counters: new Map([[5, carried(7e9, 1e9)]]) });
    bench.carry(5, 300, 40);
    bench.pass(2);
    expect(bench.used()).toBe(340);
    expect(bench.ledger.usageOf(5)).toMatchObject({ receivedBytes: 300, sentBytes: 40 });
  });

  test('is counted from nothing for a device that is plugged in, and to its last byte when it is pulled out', () => {
    const bench = new UsageBench();
    bench.find(phone(5), carried(100, 10));
    bench.carry(5, 500);
    bench.lose(5);
    bench.find(phone(6, 'usb1'));
    bench.carry(6, 1000);
    bench.pass(1);
    expect(bench.used()).toBe(1610);
    expect(bench.ledger.budgets(bench.wall)).toMatchObject([{ identity: 'usb serial R58M123', iface: 'usb1' }]);
  });

  test('where the kernel does not say what a link had carried, what passed since the last look is not known', () => {
    const bench = new UsageBench();
    bench.find(phone(5));
    bench.carry(5, 500);
    bench.pass(1);
    bench.carry(5, 70);
    bench.lose(5, false);
    expect(bench.used()).toBe(500);
  });

  test('goes on over a counter that wraps at 2³²', () => {
    const bench = new UsageBench({ present: [phone(5)], counters: new Map([[5, carried(2 ** 32 - 500, 0)]]) });
    bench.counters.set(5, carried(250, 0));
    bench.pass(1);
    expect(bench.used()).toBe(750);
  });

  test('is what passed while the program was dead, too: the counters go on', () => {
    const first = new UsageBench({ present: [phone(5)] });
    first.carry(5, 100);
    first.pass(1);
    const record = first.ledger.record();
    const counters = new Map([[5, carried(900, 0)]]);
    const second = new UsageBench({ record, continuity: 'continued', present: [phone(5)], counters });
    expect(second.used()).toBe(900);
  });

  test('is what a device carried that was plugged in meanwhile, or since the machine was started', () => {
    const first = new UsageBench({ present: [phone(5)] });
    first.carry(5, 100);
    first.pass(1);
    const record = first.ledger.record();
    for (const continuity of ['continued', 'restarted'] as const) {
      const index = continuity === 'continued' ? 9 : 5;
      const counters = new Map([[index, carried(40, 2)]]);
      expect(new UsageBench({ record, continuity, present: [phone(index)], counters }).used()).toBe(142);
    }
  });

  test('is not what counters show of which nothing is known: those of another network namespace', () => {
    const first = new UsageBench({ present: [phone(5)] });
    first.carry(5, 100);
    first.pass(1);
    const record = first.ledger.record();
    const counters = new Map([[5, carried(1e9, 0)]]);
    expect(new UsageBench({ record, continuity: 'unrelated', present: [phone(5)], counters }).used()).toBe(100);
  });

  test('goes to the device that an interface is now, when it turns out to be another', () => {
    const bench = new UsageBench();
    bench.find(facts({ index: 5, name: 'usb0', macAddress: null }));
    bench.carry(5, 100);
    bench.change(facts({ index: 5, name: 'usb7', macAddress: null }));
    bench.carry(5, 20);
    bench.pass(1);
    expect([bench.used('name usb0'), bench.used('name usb7')]).toEqual([100, 20]);
  });

  test('is counted once for an interface that is left out for a while', () => {
    const bench = new UsageBench();
    bench.find(facts({ index: 5, name: 'usb0', macAddress: null }));
    bench.carry(5, 100);
    bench.change(facts({ index: 5, name: 'ignored0', macAddress: null }));
    bench.carry(5, 10);
    bench.change(facts({ index: 5, name: 'usb0', macAddress: null }));
    bench.pass(1);
    expect(bench.used('name usb0')).toBe(110);
  });
});

describe('TETH-5: levels of a budget', () => {
  test('are told at 75, 90 and 100 %, once each, and when a period begins', () => {
    const bench = new UsageBench({ present: [phone(5)] });
    for (const more of [740_000, 20_000, 20_000, 130_000, 90_000, 500_000]) {
      bench.carry(5, more);
      bench.pass(1);
    }
    bench.wall = Date.UTC(2026, 11, 1);
    bench.pass(1);
    expect(bench.levels).toEqual(['5 at75', '5 at90', '5 exhausted', '5 below']);
  });

  test('of a device that was told of are known when it comes again, and after a restart', () => {
    const bench = new UsageBench({ present: [phone(5)] });
    bench.carry(5, 800_000);
    bench.pass(1);
    bench.lose(5);
    bench.find(phone(6));
    expect(bench.levels).toEqual(['5 at75', '6 at75, known']);
    const record = bench.ledger.record();
    const counters = new Map([[6, carried(150_000, 0)]]);
    const next = new UsageBench({ record, continuity: 'continued', present: [phone(6)], counters });
    expect(next.levels).toEqual(['6 at90']);
    const later = { record: next.ledger.record(), continuity: 'continued', present: [phone(6)], counters } as const;
    expect(new UsageBench(later).levels).toEqual(['6 at90, known']);
  });

  test('come right after the interface that they are about', () => {
    const bench = new UsageBench({ present: [phone(5)] });
    bench.carry(5, budget);
    bench.pass(1);
    bench.lose(5);
    bench.told.length = 0;
    bench.find(phone(6));
    expect(bench.told.map(({ type }) => type)).toEqual(['interface.found', 'budget.changed']);
  });

  test('follow what a person says is used, and are told again when they are reached again', () => {
    const bench = new UsageBench({ present: [phone(5)] });
    bench.ledger.set('usb0', 950_000, bench.wall);
    bench.pass(1);
    bench.ledger.set('usb0', 100, bench.wall);
    bench.pass(1);
    bench.ledger.set('usb serial R58M123', 760_000, bench.wall);
    bench.pass(1);
    bench.ledger.reset('usb0', bench.wall);
    bench.pass(1);
    expect(bench.levels).toEqual(['5 at90', '5 below', '5 at75', '5 below']);
    expect(bench.used()).toBe(0);
  });

  test('a budget is found by the name that an unplugged device had, where one only had it; others are not there', () => {
    const bench = new UsageBench({ present: [phone(5), facts({ index: 2 })] });
    bench.lose(5);
    expect(bench.ledger.set('usb0', 5, bench.wall)).toBe(true);
    expect(bench.used()).toBe(5);
    expect(bench.ledger.budgets(bench.wall)[0]?.iface).toBeNull();
    expect(bench.ledger.reset('eth0', bench.wall), 'it has no budget').toBe(false);
    expect(bench.ledger.reset('nobody', bench.wall)).toBe(false);
  });
});

describe('TETH-4: clocks that are set', () => {
  const used = (steps: readonly (readonly [wall: number, bytes: number])[]): UsageBench => {
    const bench = new UsageBench({ present: [phone(5)], wall: steps[0]?.[0] ?? 0 });
    for (const [wall, more] of steps) {
      bench.wall = wall;
      bench.carry(5, more);
      bench.pass(1);
    }
    return bench;
  };
  const november = Date.UTC(2026, 10, 5);

  test('a jump forward over the end of the period and back loses nothing of what was used', () => {
    const bench = used([
      [november, 800_000],
      [november + 40 * day, 1000],
      [november, 150_000],
    ]);
    expect(bench.used()).toBe(950_000);
    expect(bench.levels).toEqual(['5 at75', '5 below', '5 at90']);
  });

  test('a jump back to before anything known does not begin anew', () => {
    expect(
      used([
        [november, 800_000],
        [november - 100 * day, 1000],
        [0, 1000],
      ]).used(),
    ).toBe(802_000);
  });

  test('what was used before the clock was set for the first time was used in the period in which it was', () => {
    expect(
      used([
        [1000, 3000],
        [november, 10],
      ]).used(),
    ).toBe(3010);
  });
});

describe('TETH-5: another policy for the same device', () => {
  test('with other periods keeps what is used in the running one', () => {
    const bench = new UsageBench({ present: [phone(5)] });
    bench.carry(5, 5000);
    bench.pass(1);
    const record = bench.ledger.record();
    const policy = { ...defaultMeteredPolicy, budget: bytes(budget), period: 'days', days: 7 } as const;
    const next = new UsageBench({ record, continuity: 'continued', present: [phone(5)], policy });
    expect(next.used()).toBe(5000);
    expect(next.ledger.budgets(next.wall)).toMatchObject([{ period: 'days' }]);
  });

  test('without a budget counts on', () => {
    const bench = new UsageBench({ present: [phone(5)], policy: unrestrictedPolicy });
    bench.carry(5, 5000);
    bench.pass(40);
    expect(bench.ledger.usageOf(5)?.receivedBytes).toBe(5000);
    expect(bench.ledger.budgets(bench.wall)).toEqual([]);
  });

  test('prepaid data has no end, and is used up when it is', () => {
    const policy = { ...defaultMeteredPolicy, budget: bytes(budget), period: 'prepaid' } as const;
    const bench = new UsageBench({ present: [phone(5)], policy });
    bench.carry(5, budget);
    bench.pass(1);
    bench.wall += 4000 * day;
    bench.pass(1);
    expect(bench.ledger.budgets(bench.wall)).toMatchObject([{ level: 'exhausted', periodEnd: null, usedPercent: 100 }]);
  });
});
