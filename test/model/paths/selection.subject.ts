/** What may happen to the choice of a family's uplink. */
import type { SnapshotFrom } from 'xstate';
import type { SelectionInput } from '../../../src/machines/selection/selection.context.ts';
import { selectionMachine } from '../../../src/machines/selection/selection.machine.ts';
import type { Contender } from '../../../src/machines/selection/selection-rules.decisions.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import { instant, type Instant } from '../../../src/model/units.ts';
import { contender } from '../../unit/machines/examples.ts';
import { violations } from './selection.rules.ts';
import { defineSubject, type WorldOf } from './world.ts';

type Snapshot = SnapshotFrom<typeof selectionMachine>;
type World = WorldOf<typeof selectionMachine>;
type Happening = World['happenings'][string];

const eth0 = contender({ index: 2, name: 'eth0', bias: 100 });
const wlan0 = contender({ index: 3, name: 'wlan0', bias: 80 });
const wwan0 = contender({ index: 4, name: 'wwan0', bias: 60 });

/** The ways an uplink may stand. */
const standings = {
  'has no way out': { isUsable: false, verdict: 'unknown', lifecycle: 'down', rounds: 0 },
  'has no verdict yet': { verdict: 'unknown', lifecycle: 'probing', score: 100, rounds: 0 },
  fails: { verdict: 'failed', lifecycle: 'degraded', score: 100 },
  'is good': { score: 900 },
  'is better': { score: 980 },
  'loses samples': { score: 500, lostSamples: 4 },
  'is held back': { isSuppressed: true },
} as const satisfies Readonly<Record<string, Partial<Contender>>>;
type Standing = keyof typeof standings;

const standsAs = (one: Contender, standing: Standing): Contender => {
  const overrides: Partial<Contender> = standings[standing];
  const score = overrides.score ?? one.score;
  return { ...one, ...overrides, score, scoreLessOneLoss: score };
};

/** How an uplink stands now; null for one that is not there. */
const standingOf = ({ context }: Snapshot, { index }: Contender): string | null => {
  const known = context.contenders.get(index);
  if (known === undefined) return null;
  const { isUsable, verdict, score, isSuppressed } = known;
  return [isUsable, verdict, score, isSuppressed].join();
};

/** The uplink stands like this from now on; its rounds go on counting. */
const stands =
  (one: Contender, standing: Standing): Happening =>
  ({ context }, at) => {
    const rounds = context.contenders.get(one.index)?.rounds ?? one.rounds;
    return { type: 'contender.changed', contender: { ...standsAs(one, standing), rounds }, at };
  };

const goes =
  ({ index }: Contender): Happening =>
  ({ context }, at) =>
    context.contenders.has(index) ? { type: 'contender.lost', index, at } : null;

/** The uplink stands as before, one round later or (`start`) with its rounds counted anew. */
const counts =
  ({ index }: Contender, start: number | null = null): Happening =>
  ({ context }, at) => {
    const known = context.contenders.get(index);
    if (known === undefined || !known.isUsable) return null;
    return { type: 'contender.changed', contender: { ...known, rounds: start ?? known.rounds + 1 }, at };
  };

const pinned =
  (name: string | null): Happening =>
  ({ context }, at) =>
    context.pinned === name ? null : { type: 'pin.changed', pinned: name, at };

const inputOf = (contenders: readonly Contender[], incumbent: number | null): SelectionInput => ({
  family: 'ipv4',
  config: defaultConfig.selection,
  contenders,
  pinned: null,
  incumbent,
  at: instant(0),
});

const keyOf = (snapshot: Snapshot, now: Instant): readonly unknown[] => {
  const { active, awaited, choice, pinned: name } = snapshot.context;
  return [
    ...[eth0, wlan0, wwan0].map((one) => standingOf(snapshot, one)),
    name,
    active?.index,
    awaited?.index,
    choice?.challenge?.roundsLeft,
    awaited !== null && now >= awaited.dueAt,
  ];
};

const fresh: World = {
  name: 'two uplinks that come and go',
  input: inputOf([], null),
  happenings: {
    'eth0 has no way out': stands(eth0, 'has no way out'),
    'eth0 has no verdict yet': stands(eth0, 'has no verdict yet'),
    'eth0 fails': stands(eth0, 'fails'),
    'eth0 is good': stands(eth0, 'is good'),
    'eth0 is gone': goes(eth0),
    'wlan0 has no verdict yet': stands(wlan0, 'has no verdict yet'),
    'wlan0 fails': stands(wlan0, 'fails'),
    'wlan0 is better': stands(wlan0, 'is better'),
    'wlan0 is held back': stands(wlan0, 'is held back'),
    'wlan0 is gone': goes(wlan0),
    'wlan0 is pinned': pinned('wlan0'),
    'nothing is pinned': pinned(null),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf,
};

const contested: World = {
  name: 'an incumbent, and two that may lead',
  input: inputOf([standsAs(eth0, 'is good'), standsAs(wlan0, 'is good')], 2),
  happenings: {
    'eth0 is good': stands(eth0, 'is good'),
    'eth0 loses samples': stands(eth0, 'loses samples'),
    'eth0 fails': stands(eth0, 'fails'),
    'wlan0 is good': stands(wlan0, 'is good'),
    'wlan0 is better': stands(wlan0, 'is better'),
    'wlan0 finishes a round': counts(wlan0),
    'wlan0 counts its rounds anew': counts(wlan0, 1),
    'wwan0 is better': stands(wwan0, 'is better'),
    'wwan0 finishes a round': counts(wwan0),
    'wwan0 is gone': goes(wwan0),
    'a second passes': { wait: 1000 },
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf,
};

const adopted: World = {
  name: 'an incumbent of the kernel without a verdict',
  input: inputOf([standsAs(eth0, 'has no verdict yet')], 2),
  happenings: {
    'eth0 is good': stands(eth0, 'is good'),
    'eth0 has no way out': stands(eth0, 'has no way out'),
    'eth0 is gone': goes(eth0),
    'wlan0 is good': stands(wlan0, 'is good'),
    'wlan0 is better': stands(wlan0, 'is better'),
    'wlan0 is pinned': pinned('wlan0'),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf,
};

export const selectionSubject = defineSubject({
  machine: selectionMachine,
  worlds: [fresh, contested, adopted],
  violations,
});
