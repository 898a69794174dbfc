/** What may happen to the choice of a family's uplink, and what must hold of it whatever does. */
import type { SnapshotFrom } from 'xstate';
import type { SelectionInput } from '../../../src/machines/selection.context.ts';
import { selectionMachine } from '../../../src/machines/selection.machine.ts';
import type { Contender } from '../../../src/machines/selection-rules.decisions.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import { instant, type Instant } from '../../../src/model/units.ts';
import { contender } from '../../unit/machines/examples.ts';
import { defineSubject, type Sight, type WorldOf } from './world.ts';

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

function violations({ snapshot, now, timers, told }: Sight<Snapshot>): readonly string[] {
  const { value, context } = snapshot;
  const { active, awaited, choice, ranking } = context;
  const contenders = [...context.contenders.values()];
  const usable = contenders.filter(({ isUsable }) => isUsable);
  const holder = usable.find(({ index }) => index === active?.index);
  const reached = usable.filter(({ verdict }) => verdict === 'healthy' || verdict === 'degraded');
  const wanted = reached.find(({ name }) => name === context.pinned);
  const isOpen = holder?.verdict === 'unknown' && usable.length > 1;
  const state = typeof value === 'string' ? value : 'challenged';
  const part = typeof value === 'string' ? null : value.challenged;
  const latest = told.at(-1);
  const [timer] = timers;
  const rules: readonly (readonly [string, boolean])[] = [
    ['an uplink is active as soon as one has a way out', (active !== null) === usable.length > 0],
    ['the active uplink has a way out', active === null || holder !== undefined],
    ['nobody is active while it waits', (state === 'waiting') === (active === null)],
    ['the choice is the active uplink', (choice?.active?.index ?? null) === (active?.index ?? null)],
    ['a provisional choice has no verdict', state !== 'provisional' || holder?.verdict === 'unknown'],
    ['of several, one without a verdict is provisional', !isOpen || state === 'provisional'],
    ['an uplink that fails is left', holder?.verdict !== 'failed' || reached.length === 0],
    ['a pinned uplink that is reached is taken', wanted === undefined || active?.index === wanted.index],
    ['a challenge is awaited exactly while challenged', (state === 'challenged') === (awaited !== null)],
    ['the challenge that is awaited is the one of the choice', awaited?.index === choice?.challenge?.index],
    ['and of the same beginning', awaited?.since === choice?.challenge?.since],
    ['a challenger is another', awaited === null || awaited.index !== active?.index],
    ['time is waited for by a timer', (part === 'holding') === (timer !== undefined) && timers.length < 2],
    ['which fires when the challenge is due', timer === undefined || timer.dueAt === awaited?.dueAt],
    ['a lead has to last ten seconds', awaited === null || awaited.dueAt - awaited.since === 10_000],
    ['a challenge that has lasted waits for rounds', part !== 'counting' || (choice?.challenge?.roundsLeft ?? 0) > 0],
    ['and for nothing else', part !== 'counting' || now >= (awaited?.dueAt ?? Infinity)],
    ['the ranking has who has a way out', isSameSet(ranking, usable)],
    ['the active uplink is ranked first', active === null || ranking[0]?.index === active.index],
    ['those out of reach are ranked last', isReachedFirst(ranking.slice(1))],
    ['the parent knows the latest', isChange(latest) && latest.active === active && latest.ranking === ranking],
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => rule);
}

const isSameSet = (a: Snapshot['context']['ranking'], b: readonly Contender[]): boolean =>
  a.length === b.length && b.every(({ index }) => a.some((ranked) => ranked.index === index));

const isReachedFirst = (ranking: Snapshot['context']['ranking']): boolean =>
  ranking.every(({ isReachable }, position) => !isReachable || (ranking[position - 1]?.isReachable ?? true));

const isChange = (message: unknown): message is Pick<Snapshot['context'], 'active' | 'ranking'> =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'selection.changed';

export const selectionSubject = defineSubject({
  machine: selectionMachine,
  worlds: [fresh, contested, adopted],
  violations,
});
