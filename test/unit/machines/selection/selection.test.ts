import { describe, expect, test } from 'vitest';
import { rank } from '../../../../src/machines/selection/ranking.decisions.ts';
import type { Contender } from '../../../../src/machines/selection/selection-rules.decisions.ts';
import { choose, trackLeads, type Lead } from '../../../../src/machines/selection/selection.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { instant } from '../../../../src/model/units.ts';
import { contender } from '../examples.ts';

const config = defaultConfig.selection;
const eth = (overrides: Partial<Contender> = {}) => contender(overrides);
const wlan = (overrides: Partial<Contender> = {}) => contender({ index: 3, name: 'wlan0', bias: 80, ...overrides });
const wwan = (overrides: Partial<Contender> = {}) => contender({ index: 4, name: 'wwan0', bias: 60, ...overrides });

const decide = (
  incumbent: Contender | null,
  contenders: readonly Contender[],
  { pinned = null, leads = [], now = 0 }: { pinned?: string | null; leads?: readonly Lead[]; now?: number } = {},
) => {
  const terms = { config, pinned, leads, now: instant(now) };
  return choose(incumbent, contenders, { ...terms, setbacks: [], leads: trackLeads(incumbent, contenders, terms) });
};

describe('SEL-1: each rule', () => {
  test.each([
    ['usable', eth({ isUsable: false }), wlan()],
    ['reachable', eth({ verdict: 'failed' }), wlan({ score: 1 })],
    ['cost', eth({ isEmergencyOnly: true }), wlan({ score: 1 })],
    ['lifecycle', eth({ lifecycle: 'degraded', verdict: 'degraded' }), wlan({ score: 1 })],
    ['lifecycle', eth({ lifecycle: 'down', verdict: 'degraded' }), wlan({ lifecycle: 'probing', score: 1 })],
    ['lifecycle', eth({ isSuppressed: true, verdict: 'degraded' }), wlan({ lifecycle: 'probing', score: 1 })],
  ] as const)('%s decides at once against the incumbent', (rule, incumbent, challenger) => {
    const choice = decide(incumbent, [incumbent, challenger]);
    expect([choice.active?.name, choice.rule]).toEqual(['wlan0', rule]);
  });

  test('pinned decides at once against the incumbent', () => {
    expect(decide(eth(), [eth(), wlan({ score: 1 })], { pinned: 'wlan0' })).toMatchObject({
      active: { name: 'wlan0' },
      rule: 'pinned',
    });
  });

  test.each([
    ['score', eth({ score: 900 }), wlan({ score: 901 }), 'wlan0'],
    ['bias', eth(), wlan(), 'eth0'],
    ['name', eth({ bias: 1, name: 'b' }), wlan({ bias: 1, name: 'a' }), 'a'],
  ] as const)('%s decides between two challengers that are alike up to there', (rule, a, b, winner) => {
    expect(decide(null, [a, b])).toMatchObject({ active: { name: winner }, rule });
  });

  test('the sentence has the figures of both sides', () => {
    expect(decide(eth(), [eth({ verdict: 'failed', score: 345.9 }), wlan({ score: 930.2 })]).because).toBe(
      'wlan0 is reachable (verdict healthy), eth0 is not reachable (verdict failed); their scores are 930 and 345',
    );
  });

  test('the only uplink is chosen by the rule `only`', () => {
    expect(decide(null, [eth()])).toMatchObject({ active: { name: 'eth0' }, rule: 'only' });
  });

  test('no uplink is chosen when none has a way out', () => {
    expect(decide(eth(), [eth({ isUsable: false })]).active).toBeNull();
  });

  test('an incumbent that is gone is left by the rule `usable`', () => {
    const choice = decide(eth(), [wlan()]);
    expect([choice.active?.name, choice.rule, choice.because]).toEqual([
      'wlan0',
      'usable',
      'eth0 is gone; wlan0 has one and scores 1000',
    ]);
  });
});

describe('SEL-1: a lead in score', () => {
  const held = (challenger: Contender, since = 0): readonly Lead[] => [
    { index: challenger.index, since: instant(since), rounds: challenger.rounds - 3 },
  ];

  test('of the margin and no more is none, where the bias is not on its side', () => {
    expect(decide(eth({ score: 900 }), [eth({ score: 900 }), wlan({ score: 950 })]).challenge).toBeNull();
    expect(decide(eth({ score: 900 }), [eth({ score: 900 }), wlan({ score: 950.1 })]).challenge).toMatchObject({
      name: 'wlan0',
      dueAt: 10_000,
      roundsLeft: 3,
    });
  });

  test('by anything is one, where the bias is on its side', () => {
    expect(decide(wlan(), [wlan(), eth({ score: 1000.1 })]).challenge).toMatchObject({ name: 'eth0' });
    expect(decide(wlan(), [wlan(), eth({ score: 1000 })]).challenge).toBeNull();
  });

  test('wins when it has held for 10 s and 3 rounds, and not before either', () => {
    const [incumbent, challenger] = [eth({ score: 900 }), wlan({ score: 951 })];
    const at = (now: number, leads: readonly Lead[]) =>
      decide(incumbent, [incumbent, challenger], { leads, now }).active?.name;
    expect(at(9999, held(challenger))).toBe('eth0');
    expect(at(10_000, held(challenger))).toBe('wlan0');
    expect(at(10_000, [{ index: 3, since: instant(0), rounds: challenger.rounds - 2 }])).toBe('eth0');
  });

  test('that was interrupted starts anew', () => {
    const terms = { config, pinned: null, leads: held(wlan()), now: instant(20_000) };
    expect(trackLeads(eth(), [eth({ score: 990 }), wlan()], terms)).toEqual([]);
    expect(trackLeads(eth(), [eth({ score: 900 }), wlan()], { ...terms, leads: [] })[0]?.since).toBe(20_000);
  });

  test('over 150 with 3 lost samples in the incumbent’s window counts at once', () => {
    const challenge = (score: number, lostSamples: number) =>
      decide(eth(), [eth({ score, lostSamples }), wlan({ score: 1000 })]);
    expect(challenge(849, 3)).toMatchObject({ active: { name: 'wlan0' }, rule: 'score' });
    expect(challenge(849, 2).active?.name).toBe('eth0');
    expect(challenge(850, 3).active?.name).toBe('eth0');
  });

  test('is judged on its own for each challenger, so that two that change places do not hold each other up', () => {
    const leads = [...held(wlan()), ...held(wwan())];
    const contenders = [eth({ score: 800 }), wlan({ score: 1000 }), wwan({ score: 1001 })];
    expect(decide(eth(), contenders, { leads, now: 10_000 }).active?.name).toBe('wwan0');
  });
});

describe('SEL-3', () => {
  test('with no uplink up the best reachable one is used', () => {
    const contenders = [
      eth({ lifecycle: 'down', verdict: 'failed' }),
      wlan({ lifecycle: 'down', verdict: 'degraded' }),
    ];
    expect(decide(null, contenders).active?.name).toBe('wlan0');
  });

  test('at start, with no verdict anywhere, the choice is made at once and is provisional', () => {
    const fresh = { verdict: 'unknown', lifecycle: 'probing', score: 300, rounds: 0 } as const;
    const choice = decide(null, [wlan({ ...fresh, score: 280 }), eth(fresh)]);
    expect([choice.active?.name, choice.isProvisional]).toEqual(['eth0', true]);
  });

  test('an uplink without a verdict is not reachable once another has one', () => {
    expect(decide(null, [eth({ verdict: 'unknown' }), wlan({ score: 1 })])).toMatchObject({
      active: { name: 'wlan0' },
      rule: 'reachable',
    });
  });

  test('if none is reachable the incumbent stays, until it loses its way out', () => {
    const failed = { verdict: 'failed' } as const;
    const worse = wlan({ ...failed, lifecycle: 'down', isEmergencyOnly: true, score: 1 });
    expect(decide(worse, [eth(failed), worse])).toMatchObject({
      active: { name: 'wlan0' },
      rule: 'incumbent',
    });
    expect(decide(wlan(failed), [eth(failed), wlan({ ...failed, isUsable: false })]).active?.name).toBe('eth0');
  });

  test('an incumbent without a verdict is not left before it has one', () => {
    const fresh = wlan({ verdict: 'unknown', lifecycle: 'probing' });
    expect(decide(fresh, [fresh, eth()])).toMatchObject({ active: { name: 'wlan0' }, isProvisional: true });
  });

  test('a healthy incumbent that waits for its promotion is not left for one that was promoted a moment earlier', () => {
    const young = eth({ lifecycle: 'probing' });
    expect(decide(young, [young, wlan()]).active?.name).toBe('eth0');
    expect(decide(eth({ lifecycle: 'down' }), [eth({ lifecycle: 'down' }), wlan()]).active?.name).toBe('wlan0');
  });
});

describe('SEL-4: a pinned uplink', () => {
  test('is taken from an incumbent that has no verdict, where it is reachable', () => {
    const unprobed = [eth({ verdict: 'unknown' }), wlan({ verdict: 'unknown' })];
    expect(decide(unprobed[0] ?? eth(), unprobed, { pinned: 'wlan0' })).toMatchObject({
      active: { name: 'wlan0' },
      rule: 'pinned',
    });
    const failed = [eth({ verdict: 'unknown' }), wlan({ verdict: 'failed' })];
    expect(decide(failed[0] ?? eth(), failed, { pinned: 'wlan0' }).active?.name).toBe('eth0');
  });

  test('is passed over while it is not reachable', () => {
    expect(decide(eth(), [eth(), wlan({ verdict: 'failed' })], { pinned: 'wlan0' }).active?.name).toBe('eth0');
  });

  test('outweighs cost, lifecycle and score, and keeps its place', () => {
    const pinned = wlan({ isEmergencyOnly: true, lifecycle: 'down', score: 1 });
    expect(decide(eth(), [eth(), pinned], { pinned: 'wlan0' }).active?.name).toBe('wlan0');
    expect(decide(pinned, [eth(), pinned], { pinned: 'wlan0' })).toMatchObject({
      active: { name: 'wlan0' },
      rule: 'pinned',
    });
  });
});

describe('the ranking', () => {
  const terms = { pinned: null, config };
  const indexes = (...args: Parameters<typeof rank>) => rank(...args).map(({ index }) => index);

  test('has the active uplink first and those out of reach last', () => {
    const contenders = [eth({ verdict: 'failed' }), wlan({ score: 900 }), wwan({ score: 1000 })];
    expect(rank([], contenders, 3, terms)).toEqual([
      { index: 3, isReachable: true },
      { index: 4, isReachable: true },
      { index: 2, isReachable: false },
    ]);
  });

  test('leaves out what has no way out', () => {
    expect(indexes([], [eth({ isUsable: false }), wlan()], 3, terms)).toEqual([3]);
  });

  test('does not tremble with the scores of standbys, and is the same object while it stays', () => {
    const before = rank([], [eth(), wlan({ score: 950 }), wwan({ score: 940 })], 2, terms);
    expect(rank(before, [eth(), wlan({ score: 940 }), wwan({ score: 980 })], 2, terms)).toBe(before);
    expect(indexes(before, [eth(), wlan({ score: 940 }), wwan({ score: 991 })], 2, terms)).toEqual([2, 4, 3]);
  });

  test('has a newcomer where it would be chosen, though its lead is small', () => {
    const before = rank([], [eth(), wlan({ score: 940 })], 2, terms);
    expect(indexes(before, [eth(), wlan({ score: 940 }), wwan({ score: 950 })], 2, terms)).toEqual([2, 4, 3]);
    expect(indexes(before, [eth(), wlan({ score: 940 }), wwan({ score: 930 })], 2, terms)).toEqual([2, 3, 4]);
  });

  test('SEL-1: a standby that was ranked low while it was new comes up again, as it would be chosen', () => {
    const active = wlan({ index: 5, name: 'wlan1' });
    const before = rank([], [active, eth({ lifecycle: 'probing' }), wwan()], 5, terms);
    expect(before.map(({ index }) => index)).toEqual([5, 4, 2]);
    expect(indexes(before, [active, eth({ score: 1009 }), wwan({ score: 980 })], 5, terms)).toEqual([5, 2, 4]);
  });
});

test('SEL-4: a pin is taken at once, however long the pinned uplink would have to lead by score', () => {
  const leading = { index: wlan().index, since: instant(0), rounds: 0 };
  const setbacks = [{ index: eth().index, times: 3, at: instant(0) }];
  const third = wlan({ index: 9, name: 'wwan0', score: 700 });
  const terms = { config: defaultConfig.selection, pinned: 'eth0', leads: [leading], setbacks, now: instant(1000) };
  expect(choose(third, [eth(), wlan({ score: 900 }), third], terms)).toMatchObject({
    active: { name: 'eth0' },
    rule: 'pinned',
  });
});
