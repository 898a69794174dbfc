import { describe, expect, test } from 'vitest';
import { fieldOf, isReachable, type Contender } from '../../../../src/machines/selection/selection-rules.decisions.ts';
import { choose, trackLeads, type Lead } from '../../../../src/machines/selection/selection.decisions.ts';
import { defaultConfig } from '../../../../src/model/config.ts';
import { instant } from '../../../../src/model/units.ts';
import { contender } from '../examples.ts';

const config = defaultConfig.selection;
const eth = (overrides: Partial<Contender> = {}) => contender(overrides);
const wlan = (overrides: Partial<Contender> = {}) => contender({ index: 3, name: 'wlan0', bias: 80, ...overrides });

const decide = (
  incumbent: { readonly index: number; readonly name: string } | null,
  contenders: readonly Contender[],
  { pinned = null, leads = [], now = 0 }: { pinned?: string | null; leads?: readonly Lead[]; now?: number } = {},
) => {
  const terms = { config, pinned, leads, now: instant(now) };
  return choose(incumbent, contenders, { ...terms, setbacks: [], leads: trackLeads(incumbent, contenders, terms) });
};

describe('SEL-1: every choice is told in one sentence', () => {
  test.each([
    ['usable', null, 'eth0 has a way out, wlan0 has no way out; their scores are 1000 and 900', { isUsable: false }],
    [
      'reachable',
      null,
      'eth0 is reachable (verdict healthy), wlan0 is not reachable (verdict failed); their scores are 1000 and 900',
      { verdict: 'failed' },
    ],
    ['pinned', 'eth0', 'eth0 is pinned, wlan0 is not pinned; their scores are 1000 and 900', {}],
    [
      'cost',
      null,
      'eth0 may be used at any time, wlan0 is for emergencies only; their scores are 1000 and 900',
      { isEmergencyOnly: true },
    ],
    ['lifecycle', null, 'eth0 is up, wlan0 is degraded; their scores are 1000 and 900', { lifecycle: 'degraded' }],
    [
      'lifecycle',
      null,
      'eth0 is up, wlan0 is suppressed for flapping; their scores are 1000 and 900',
      { isSuppressed: true },
    ],
    ['score', null, 'eth0 scores 1000, wlan0 scores 900', {}],
    ['bias', null, 'eth0 has the bias 100, wlan0 has the bias 80; their scores are 1000 and 1000', { score: 1000 }],
    ['name', null, 'eth0 and wlan0 are alike, and it comes first by name', { score: 1000, bias: 100 }],
  ] as const)('%s, pinned %s: %s', (rule, pinned, because, other) => {
    const choice = decide(null, [wlan({ score: 900, ...other }), eth()], { pinned });
    expect(choice).toMatchObject({ active: { name: 'eth0' }, rule, because, challenge: null, isProvisional: false });
  });

  test.each([
    ['eth0 is the only way out', 'only', null, [eth()]],
    ['eth0 is the only way out', 'only', eth(), [eth(), wlan({ isUsable: false })]],
    ['eth0 has no verdict yet', 'incumbent', eth(), [eth({ verdict: 'unknown' }), wlan()]],
    [
      'eth0 is not reachable, nor is any other',
      'incumbent',
      eth(),
      [eth({ verdict: 'failed' }), wlan({ verdict: 'failed' })],
    ],
    [
      'wlan0 has lost its way out; eth0 has one and scores 900',
      'usable',
      wlan(),
      [eth({ score: 900.7 }), wlan({ isUsable: false })],
    ],
    ['wlan0 is gone; eth0 has one and scores 900', 'usable', wlan(), [eth({ score: 900.7 })]],
    ['eth0 scores 1000, wlan0 scores 900', 'score', eth(), [eth({ score: 1000.9 }), wlan({ score: 900.9 })]],
    ['eth0 scores 1000, wlan0 scores 1000', 'incumbent', eth(), [eth(), wlan()]],
    ['eth0 scores 1000, wlan0 scores 1049', 'incumbent', eth(), [eth(), wlan({ score: 1049 })]],
  ] as const)('%s', (because, rule, incumbent, contenders) => {
    expect(decide(incumbent, contenders)).toMatchObject({ active: { name: 'eth0' }, rule, because });
  });

  test('that there is no way out is told, too', () => {
    expect(decide(null, [eth({ isUsable: false })])).toEqual({
      active: null,
      rule: 'usable',
      because: 'no uplink has a way out',
      challenge: null,
      isProvisional: false,
    });
  });

  test('a lead that waits, one that has held and one that is urgent are told with their figures', () => {
    const sides = [eth({ score: 900 }), wlan({ score: 1000 })];
    const held: Lead = { index: 3, since: instant(500), rounds: 7 };
    expect(decide(eth(), sides, { now: 500 })).toEqual({
      active: sides[0],
      rule: 'incumbent',
      because: 'wlan0 scores 1000, eth0 scores 900, but not for long enough yet',
      challenge: { index: 3, name: 'wlan0', since: 500, dueAt: 10_500, roundsLeft: 3 },
      isProvisional: false,
    });
    expect(decide(eth(), sides, { leads: [held], now: 12_900 })).toMatchObject({
      active: { name: 'wlan0' },
      rule: 'score',
      because: 'wlan0 scores 1000, eth0 scores 900, for 12 s',
    });
    expect(decide(eth(), sides, { leads: [{ ...held, since: instant(0) }], now: 1_000_000 }).because).toMatch(
      /, for 1000 s$/u,
    );
    const lossy = [eth({ score: 700, lostSamples: 4 }), wlan({ score: 1000 })];
    expect(decide(eth(), lossy)).toMatchObject({
      rule: 'score',
      because: 'wlan0 scores 1000, eth0 scores 700 with 4 samples lost',
    });
  });
});

describe('SEL-1: a lead', () => {
  const ahead = [eth({ score: 900 }), wlan({ score: 1000, rounds: 5 })];
  const terms = { config, pinned: null, now: instant(9) };
  const lead = (overrides: Partial<Lead> = {}): Lead => ({ index: 3, since: instant(1), rounds: 4, ...overrides });

  test('goes on from when it began, also in the round in which it began', () => {
    for (const rounds of [4, 5]) {
      expect(trackLeads(eth(), ahead, { ...terms, leads: [lead({ rounds })] })).toEqual([lead({ rounds })]);
    }
  });

  test('of a path that is new begins anew: it has fewer rounds than the old one had', () => {
    expect(trackLeads(eth(), ahead, { ...terms, leads: [lead({ rounds: 6 })] })).toEqual([
      { index: 3, since: 9, rounds: 5 },
    ]);
  });

  test('is over an incumbent that is there, and of others only', () => {
    expect(trackLeads(null, ahead, { ...terms, leads: [lead()] })).toEqual([]);
    expect(trackLeads({ index: 77, name: 'gone' }, ahead, { ...terms, leads: [lead()] })).toEqual([]);
    // Forgiven its loss, it would be ahead of itself.
    const lossy = [eth({ score: 900, scoreLessOneLoss: 800 }), wlan({ score: 700 })];
    expect(trackLeads(eth(), lossy, { ...terms, leads: [] })).toEqual([]);
  });

  test('over an incumbent that only waits to be up again is one, and no matter of the lifecycle', () => {
    const waiting = [eth({ lifecycle: 'degraded', score: 900 }), wlan({ score: 960 })];
    expect(decide(eth(), waiting)).toMatchObject({ active: { name: 'eth0' }, challenge: { name: 'wlan0' } });
  });
});

describe('SEL-4: a pinned uplink', () => {
  test('that is not reachable does not take over from an incumbent without a verdict', () => {
    const sides = [eth({ verdict: 'unknown' }), wlan({ verdict: 'failed' })];
    expect(decide(eth(), sides, { pinned: 'wlan0' })).toMatchObject({
      active: { name: 'eth0' },
      rule: 'incumbent',
      because: 'eth0 has no verdict yet',
      isProvisional: true,
    });
  });
});

describe('who is reachable', () => {
  test('only those with a way out count in whether any uplink has a verdict', () => {
    const field = fieldOf([eth({ verdict: 'unknown' }), wlan({ isUsable: false })], null);
    expect(isReachable(eth({ verdict: 'unknown' }), field)).toBe(true);
    expect(isReachable(wlan({ isUsable: false }), field)).toBe(false);
  });

  test('SEL-3: an incumbent out of reach is left for one that is reachable, whichever it is', () => {
    const sides = [eth({ verdict: 'degraded' }), wlan({ verdict: 'failed' })];
    expect(decide(eth(), sides)).toMatchObject({ active: { name: 'eth0' }, rule: 'reachable' });
  });
});

describe('SEL-1: challengers', () => {
  test('are ordered by lifecycle: up, then degraded, then probing, then down', () => {
    const states = ['up', 'degraded', 'probing', 'down'] as const;
    for (const [i, better] of states.entries()) {
      for (const worse of states.slice(i + 1)) {
        const sides = [eth({ lifecycle: worse, verdict: 'degraded' }), wlan({ lifecycle: better, score: 1 })];
        expect(decide(null, sides)).toMatchObject({ active: { name: 'wlan0' }, rule: 'lifecycle' });
      }
    }
  });

  test('that are alike are ordered by name, whatever their index and the order before', () => {
    const sides = [eth({ index: 2, name: 'b' }), eth({ index: 3, name: 'a' })];
    for (const order of [sides, sides.toReversed()]) expect(decide(null, order).active?.name).toBe('a');
  });
});

describe('uplinks that are alike but for their index', () => {
  test('are taken in its order, whatever the order before', () => {
    const twins = [eth({ index: 9 }), eth({ index: 4 })];
    for (const order of [twins, twins.toReversed()]) expect(decide(null, order).active?.index).toBe(4);
  });
});
