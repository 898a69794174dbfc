import { describe, expect, test } from 'vitest';
import type { Contender } from '../../../../src/machines/selection/selection-rules.decisions.ts';
import { instant } from '../../../../src/model/units.ts';
import { contender } from '../examples.ts';
import { SelectionBench } from '../selection-bench.ts';

const eth = (overrides: Partial<Contender> = {}) => contender(overrides);
const wlan = (overrides: Partial<Contender> = {}) => contender({ index: 3, name: 'wlan0', bias: 80, ...overrides });
const wwan = (overrides: Partial<Contender> = {}) => contender({ index: 4, name: 'wwan0', bias: 60, ...overrides });

/** wlan0 leads over eth0, which is active. */
function challenged(challenger: Contender = wlan()): SelectionBench {
  const bench = new SelectionBench([eth()]);
  bench.clock.advance(1000);
  bench.change(wlan({ score: 900 }));
  bench.change(challenger);
  bench.change(eth({ score: 900 }));
  return bench;
}

describe('the state of a choice', () => {
  test.each([
    ['waiting', 'no uplink is there', []],
    ['waiting', 'none has a way out', [eth({ isUsable: false })]],
    ['provisional', 'the one that is taken has no verdict', [eth({ verdict: 'unknown' })]],
    ['settled', 'the one that is taken has one', [eth(), wlan()]],
  ])('is %s where %s', (value, _, contenders) => {
    expect(new SelectionBench(contenders).value).toBe(value);
  });

  test('follows the facts from each to any other', () => {
    const bench = new SelectionBench([]);
    expect(bench.context.awaited).toBeNull();
    const values = [bench.value];
    const steps = [
      () => bench.change(eth({ verdict: 'unknown' })),
      () => bench.lose(2),
      () => bench.change(eth()),
      () => bench.change(wlan()),
      () => bench.change(eth({ score: 900 })),
      () => bench.lose(3),
      () => bench.lose(2),
    ];
    for (const step of steps) {
      step();
      values.push(bench.value);
    }
    expect(values).toEqual([
      'waiting',
      'provisional',
      'waiting',
      'settled',
      'settled',
      { challenged: 'holding' },
      'settled',
      'waiting',
    ]);
    expect([bench.clock.pending, bench.context.awaited]).toEqual([0, null]);
  });

  test('is settled again when the one that is challenged is pinned', () => {
    const bench = challenged();
    expect(bench.value).toEqual({ challenged: 'holding' });
    bench.pin('eth0');
    expect([bench.value, bench.context.awaited, bench.clock.pending]).toEqual(['settled', null, 0]);
    bench.pin(null);
    expect(bench.value).toEqual({ challenged: 'holding' });
  });
});

describe('SEL-1: a challenge', () => {
  test('wins at the very instant at which it has held for 10 s, where its 3 rounds are over by then', () => {
    const bench = challenged();
    bench.clock.advance(5000);
    bench.change(wlan({ rounds: 13 }));
    bench.clock.advance(4999);
    expect(bench.context.active?.name).toBe('eth0');
    bench.clock.advance(1);
    expect(bench.context).toMatchObject({
      now: 11_000,
      active: {
        name: 'wlan0',
        rule: 'score',
        since: 11_000,
        because: 'wlan0 scores 1000, eth0 scores 900, for 10 s',
      },
    });
    expect([bench.value, bench.told.at(-1)?.active?.name, bench.told.at(-1)?.at]).toEqual(['settled', 'wlan0', 11_000]);
    expect(bench.context.leads).toEqual([]);
  });

  test('counts rounds when the time is over, and wins with the last of them', () => {
    const bench = challenged();
    bench.clock.advance(10_000);
    expect([bench.value, bench.context.now]).toEqual([{ challenged: 'counting' }, 11_000]);
    bench.clock.advance(5000);
    bench.change(wlan({ rounds: 12 }));
    expect([bench.value, bench.context.active?.name]).toEqual([{ challenged: 'counting' }, 'eth0']);
    bench.change(wlan({ rounds: 13 }));
    expect([bench.value, bench.context.active?.name]).toEqual(['settled', 'wlan0']);
  });

  test('that goes on does not begin anew with every round', () => {
    const bench = challenged();
    for (let i = 1; i <= 9; i++) {
      bench.clock.advance(1000);
      bench.change(wlan({ rounds: 10 + i }));
    }
    expect(bench.context.awaited).toMatchObject({ name: 'wlan0', since: 1000, dueAt: 11_000 });
    bench.clock.advance(1000);
    expect(bench.context.active?.name).toBe('wlan0');
  });

  test('by another one is waited for from that one’s own beginning', () => {
    const bench = challenged();
    bench.clock.advance(4000);
    bench.change(wwan({ score: 1100 }));
    expect(bench.context.awaited).toMatchObject({ name: 'wwan0', since: 5000, dueAt: 15_000 });
    bench.clock.advance(9999);
    expect(bench.context.active?.name).toBe('eth0');
    bench.change(wwan({ score: 1100, rounds: 13 }));
    bench.clock.advance(1);
    expect(bench.context.active?.name).toBe('wwan0');
  });

  test('by another one that began in the same instant is that one’s', () => {
    const bench = challenged();
    bench.change(wwan({ score: 1100 }));
    expect(bench.context.awaited).toMatchObject({ name: 'wwan0', index: 4, since: 1000 });
  });

  test('by the same one on a new path begins anew', () => {
    const bench = challenged();
    bench.clock.advance(4000);
    bench.change(wlan({ rounds: 0 }));
    expect(bench.context.awaited).toMatchObject({ name: 'wlan0', since: 5000, dueAt: 15_000 });
    bench.change(wlan({ rounds: 3 }));
    bench.clock.advance(9999);
    expect([bench.value, bench.context.active?.name]).toEqual([{ challenged: 'holding' }, 'eth0']);
    bench.clock.advance(1);
    expect([bench.value, bench.context.active?.name]).toEqual(['settled', 'wlan0']);
  });

  test('SEL-4: does not begin while the incumbent is pinned', () => {
    const bench = new SelectionBench([eth({ score: 900 }), wlan()], { pinned: 'eth0' });
    bench.change(wlan());
    bench.clock.advance(20_000);
    bench.change(wlan({ rounds: 20 }));
    bench.pin(null);
    expect(bench.context.active?.name).toBe('eth0');
    expect(bench.context.awaited).toMatchObject({ since: 20_000, roundsLeft: 3 });
  });

  test('that is over leaves nothing to wait for', () => {
    const bench = challenged();
    bench.change(eth());
    expect([bench.value, bench.context.awaited, bench.clock.pending]).toEqual(['settled', null, 0]);
  });
});

describe('what is told of a choice', () => {
  test('is who is active and how all are ranked, at start', () => {
    expect(new SelectionBench([eth(), wlan()], { family: 'ipv6', at: instant(7) }).told).toEqual([
      {
        type: 'selection.changed',
        family: 'ipv6',
        active: {
          index: 2,
          name: 'eth0',
          rule: 'bias',
          because: 'eth0 has the bias 100, wlan0 has the bias 80; their scores are 1000 and 1000',
          since: 7,
        },
        ranking: [
          { index: 2, isReachable: true },
          { index: 3, isReachable: true },
        ],
        at: 7,
      },
    ]);
  });

  test('is nothing while neither is another', () => {
    const bench = new SelectionBench([eth(), wlan()]);
    bench.clock.advance(5);
    bench.change(wlan({ rounds: 11 }));
    expect([bench.told.length, bench.context.now]).toEqual([1, 5]);
  });

  test('is that an uplink is out of reach, though another one is active', () => {
    const bench = new SelectionBench([eth(), wlan()]);
    bench.clock.advance(5);
    bench.change(wlan({ verdict: 'failed' }));
    expect(bench.told.at(-1)).toMatchObject({
      active: { name: 'eth0', since: 0 },
      ranking: [{ isReachable: true }, { index: 3, isReachable: false }],
      at: 5,
    });
    expect(bench.told).toHaveLength(2);
  });

  test('is that an uplink is gone, active or not', () => {
    const bench = new SelectionBench([eth(), wlan(), wwan()]);
    bench.clock.advance(5);
    bench.lose(4);
    expect(bench.told.at(-1)?.ranking.map(({ index }) => index)).toEqual([2, 3]);
    bench.clock.advance(5);
    bench.lose(2);
    expect(bench.told.at(-1)).toMatchObject({ active: { name: 'wlan0', rule: 'usable', since: 10 }, at: 10 });
    bench.lose(3);
    expect(bench.told.at(-1)).toMatchObject({ active: null, ranking: [] });
  });

  test('SEL-4: is another ranking when a pin puts one first, at the time of the pin', () => {
    const bench = new SelectionBench([eth(), wlan(), wwan()], { pinned: 'wwan0' });
    expect(bench.told.at(-1)).toMatchObject({ active: { name: 'wwan0', rule: 'pinned' } });
    bench.clock.advance(5);
    bench.pin('wlan0');
    expect(bench.told.at(-1)).toMatchObject({ active: { name: 'wlan0', rule: 'pinned', since: 5 }, at: 5 });
    expect(bench.told.at(-1)?.ranking.map(({ index }) => index)).toEqual([3, 4, 2]);
  });

  test('SEL-4: ranks a pinned uplink first among those out of reach', () => {
    const failed = { verdict: 'failed' } as const;
    const bench = new SelectionBench([eth(), wlan(failed), wwan(failed)], { pinned: 'wwan0' });
    expect(bench.told[0]?.ranking.map(({ index }) => index)).toEqual([2, 4, 3]);
  });

  test('ROUT-8: is what the kernel used already, as such', () => {
    const bench = new SelectionBench([eth(), wlan()], { incumbent: 3 });
    expect(bench.told[0]?.active).toEqual({
      index: 3,
      name: 'wlan0',
      rule: 'incumbent',
      because: 'wlan0 carried the traffic already',
      since: 0,
    });
    expect(bench.told[0]?.ranking.map(({ index }) => index)).toEqual([3, 2]);
  });

  test('ROUT-8: is another one where what the kernel used has no way out', () => {
    const bench = new SelectionBench([eth(), wlan({ isUsable: false })], { incumbent: 3 });
    expect(bench.told[0]?.active).toMatchObject({
      name: 'eth0',
      rule: 'usable',
      because: 'eth0 has a way out, wlan0 has no way out; their scores are 1000 and 1000',
    });
  });
});

describe('SEL-2: an uplink that was left for what it did under traffic', () => {
  /** eth0 has been left twice: it scored 1000 when it was taken, and 850 soon. wlan0 is active, and it is 20 s later. */
  function leftTwice(): SelectionBench {
    const bench = new SelectionBench([eth(), wlan({ score: 940, rounds: 0 })]);
    let rounds = 10;
    for (let time = 0; time < 2; time++) {
      bench.change(eth({ score: 1000, rounds }));
      bench.change(eth({ score: 1000, rounds: rounds + 3 }));
      bench.clock.advance(10_000);
      bench.change(eth({ score: 850, rounds: rounds + 3 }));
      bench.change(wlan({ score: 940, rounds: rounds + 3 }));
      bench.clock.advance(10_000);
      rounds += 10;
    }
    return bench;
  }

  test('is returned to after 10 s the first time', () => {
    const bench = leftTwice();
    expect(bench.told.map(({ active }) => `${active?.name} ${active?.since}`)).toEqual([
      'eth0 0',
      'wlan0 20000',
      'eth0 30000',
      'wlan0 40000',
    ]);
    expect(bench.told[2]?.active?.because).toBe('eth0 scores 1000, wlan0 scores 940, for 10 s');
    expect(bench.context).toMatchObject({ setbacks: [{ index: 2, times: 2, at: 40_000 }], promised: 940 });
  });

  test('is returned to after five minutes the next time, and it is said why', () => {
    const bench = leftTwice();
    bench.change(eth({ score: 1000, rounds: 40 }));
    expect(bench.context.awaited).toMatchObject({ name: 'eth0', since: 40_000, dueAt: 340_000 });
    expect(bench.context.choice?.because).toBe(
      'eth0 scores 1000, wlan0 scores 940, but not for 300 s yet: it was left by score 2 times lately',
    );
    bench.change(eth({ score: 1000, rounds: 43 }));
    bench.clock.advance(299_999);
    expect([bench.value, bench.context.active?.name]).toEqual([{ challenged: 'holding' }, 'wlan0']);
    bench.clock.advance(1);
    expect(bench.context.active).toMatchObject({
      name: 'eth0',
      rule: 'score',
      since: 340_000,
      because: 'eth0 scores 1000, wlan0 scores 940, for 300 s: it was left by score 2 times lately',
    });
    // wlan0 has kept what it promised, and fills in as ever.
    expect(bench.context.setbacks).toEqual([{ index: 2, times: 2, at: 40_000 }]);
    bench.change(eth({ score: 850, rounds: 43 }));
    expect(bench.context.awaited).toMatchObject({ name: 'wlan0', since: 340_000, dueAt: 350_000 });
  });

  test('does not keep out another that leads as well', () => {
    const bench = leftTwice();
    bench.change(eth({ score: 1100, rounds: 40 }));
    bench.clock.advance(1000);
    bench.change(wwan({ score: 1000 }));
    expect(bench.context.awaited).toMatchObject({ name: 'wwan0', since: 41_000, dueAt: 51_000 });
    bench.change(wwan({ score: 1000, rounds: 13 }));
    bench.clock.advance(10_000);
    expect(bench.context.active).toMatchObject({ name: 'wwan0', since: 51_000 });
    expect(bench.context.active?.because).toMatch(/, for 10 s$/u);
    // From then on it leads over that one, and has to for as long.
    expect(bench.context.awaited).toMatchObject({ name: 'eth0', since: 51_000, dueAt: 351_000 });
    expect(bench.value).toEqual({ challenged: 'holding' });
  });

  test('is taken when its time is over, though another one that led for less has rounds to go', () => {
    const bench = leftTwice();
    bench.change(eth({ score: 1100, rounds: 40 }));
    bench.change(wwan({ score: 1000 }));
    bench.clock.advance(299_999);
    bench.change(eth({ score: 1100, rounds: 43 }));
    expect([bench.context.awaited?.name, bench.context.active?.name]).toEqual(['wwan0', 'wlan0']);
    bench.clock.advance(1);
    bench.change(eth({ score: 1100, rounds: 44 }));
    expect(bench.context.active).toMatchObject({ name: 'eth0', since: 340_000 });
  });

  test('is taken before another one that leads as well, where the active one loses packets', () => {
    const bench = leftTwice();
    bench.change(eth({ score: 1000, rounds: 40 }));
    bench.change(wwan({ score: 995 }));
    bench.change(wlan({ score: 840, lostSamples: 3 }));
    expect(bench.context.active).toMatchObject({ name: 'eth0', rule: 'score' });
  });

  test('that began to lead with another one is waited for when that one is gone, by its own time', () => {
    const bench = leftTwice();
    bench.change(wwan({ score: 1000 }));
    bench.change(eth({ score: 1100, rounds: 40 }));
    expect(bench.context.awaited).toMatchObject({ name: 'wwan0', since: 40_000, dueAt: 50_000 });
    bench.lose(4);
    expect([bench.context.awaited?.dueAt, bench.clock.nextDueAt]).toEqual([340_000, 340_000]);
  });

  test('is taken at once where the active one fails, loses packets, or is gone, or it is pinned', () => {
    const taken = (happen: (bench: SelectionBench) => void) => {
      const bench = leftTwice();
      bench.change(eth({ score: 1000, rounds: 40 }));
      happen(bench);
      return `${bench.context.active?.name} ${bench.context.active?.rule}`;
    };
    expect(taken((bench) => bench.change(wlan({ verdict: 'failed' })))).toBe('eth0 reachable');
    expect(taken((bench) => bench.change(wlan({ score: 800, lostSamples: 3 })))).toBe('eth0 score');
    expect(taken((bench) => bench.change(wlan({ lifecycle: 'degraded', verdict: 'degraded' })))).toBe('eth0 lifecycle');
    expect(taken((bench) => bench.lose(3))).toBe('eth0 usable');
    expect(taken((bench) => bench.pin('eth0'))).toBe('eth0 pinned');
  });

  test('is forgotten when its interface is gone: the index may be that of another one some day', () => {
    const bench = leftTwice();
    bench.lose(3);
    expect(bench.context.setbacks).toHaveLength(1);
    bench.lose(2);
    expect(bench.context.setbacks).toEqual([]);
  });

  test('has no setback for being left while it is out of reach', () => {
    const bench = new SelectionBench([eth(), wlan()]);
    bench.change(eth({ verdict: 'failed', score: 300 }));
    expect(bench.context).toMatchObject({ active: { name: 'wlan0', rule: 'reachable' }, setbacks: [] });
  });

  test('has a setback where it was in use already when the daemon came', () => {
    const bench = new SelectionBench([eth({ score: 850 }), wlan()], { incumbent: 2 });
    bench.change(wlan({ rounds: 13 }));
    bench.clock.advance(10_000);
    expect(bench.context).toMatchObject({ active: { name: 'wlan0' }, setbacks: [{ index: 2, times: 1, at: 10_000 }] });
  });

  test('has none for being left by an operator, and leads over nobody that is pinned', () => {
    const bench = new SelectionBench([eth(), wlan({ score: 800 })]);
    bench.pin('wlan0');
    expect(bench.context).toMatchObject({
      active: { name: 'wlan0' },
      setbacks: [],
      leads: [],
      choice: { challenge: null },
    });
    expect(bench.value).toBe('settled');
  });

  test('has promised nothing where it was taken without a verdict', () => {
    const bench = new SelectionBench([eth({ verdict: 'unknown' })]);
    expect(bench.context.promised).toBeNull();
    bench.change(eth());
    bench.lose(2);
    bench.change(wlan({ score: 940 }));
    expect(bench.context.promised).toBe(940);
    bench.lose(3);
    expect([bench.context.active, bench.context.promised]).toEqual([null, null]);
  });
});
