/** What must hold of the choice of a family's uplink whatever happens to it. */
import type { SnapshotFrom } from 'xstate';
import type { selectionMachine } from '../../../src/machines/selection/selection.machine.ts';
import type { Contender } from '../../../src/machines/selection/selection-rules.decisions.ts';
import { broken } from './rules.ts';
import type { Sight } from './world.ts';

type Snapshot = SnapshotFrom<typeof selectionMachine>;

export function violations({ snapshot, now, timers, told }: Sight<Snapshot>): readonly string[] {
  const { value, context } = snapshot;
  const { active, awaited, choice, ranking, setbacks } = context;
  const contenders = [...context.contenders.values()];
  const usable = contenders.filter(({ isUsable }) => isUsable);
  const holder = usable.find(({ index }) => index === active?.index);
  const reached = usable.filter(({ verdict }) => verdict === 'healthy' || verdict === 'degraded');
  const wanted = reached.find(({ name }) => name === context.pinned);
  const state = typeof value === 'string' ? value : 'challenged';
  const part = typeof value === 'string' ? null : value.challenged;
  const latest = told.at(-1);
  const [timer] = timers;
  return broken({
    'an uplink is active as soon as one has a way out': (active !== null) === usable.length > 0,
    'the active uplink has a way out': active === null || holder !== undefined,
    'nobody is active while it waits': (state === 'waiting') === (active === null),
    'the choice is the active uplink': (choice?.active?.index ?? null) === (active?.index ?? null),
    'a provisional choice has no verdict': state !== 'provisional' || holder?.verdict === 'unknown',
    'an uplink without a verdict is provisional': holder?.verdict !== 'unknown' || state === 'provisional',
    'an uplink that fails is left': holder?.verdict !== 'failed' || reached.length === 0,
    'a pinned uplink that is reached is taken': wanted === undefined || active?.index === wanted.index,
    'a challenge is awaited exactly while challenged': (state === 'challenged') === (awaited !== null),
    'the challenge that is awaited is the one of the choice': awaited?.index === choice?.challenge?.index,
    'the challenge that is awaited began when that of the choice did': awaited?.since === choice?.challenge?.since,
    'a challenger is another': awaited === null || awaited.index !== active?.index,
    'time is waited for by a timer': (part === 'holding') === (timer !== undefined) && timers.length < 2,
    'the timer fires when the challenge is due': timer === undefined || timer.dueAt === awaited?.dueAt,
    'a lead has to last ten seconds, or for longer after several setbacks, and at most an hour':
      awaited === null ||
      isPatient(
        awaited.dueAt - awaited.since,
        setbacks.find(({ index }) => index === awaited.index),
      ),
    'who has setbacks was left, and is not forgotten': setbacks.every(({ times, at }) => times >= 1 && at <= now),
    'only an uplink that is there has setbacks': setbacks.every(({ index }) => context.contenders.has(index)),
    'a challenge that has lasted waits for rounds': part !== 'counting' || (choice?.challenge?.roundsLeft ?? 0) > 0,
    'rounds are waited for when the time is over': part !== 'counting' || now >= (awaited?.dueAt ?? Infinity),
    'the ranking has who has a way out': isSameSet(ranking, usable),
    'the active uplink is ranked first': active === null || ranking[0]?.index === active.index,
    'those out of reach are ranked last': isReachedFirst(ranking.slice(1)),
    'the parent knows the latest': isChange(latest) && latest.active === active && latest.ranking === ranking,
  });
}

const isPatient = (patience: number, setback: Snapshot['context']['setbacks'][number] | undefined): boolean =>
  setback === undefined || setback.times === 1 ? patience === 10_000 : patience > 10_000 && patience <= 3_600_000;

const isSameSet = (a: Snapshot['context']['ranking'], b: readonly Contender[]): boolean =>
  a.length === b.length && b.every(({ index }) => a.some((ranked) => ranked.index === index));

const isReachedFirst = (ranking: Snapshot['context']['ranking']): boolean =>
  ranking.every(({ isReachable }, position) => !isReachable || (ranking[position - 1]?.isReachable ?? true));

const isChange = (message: unknown): message is Pick<Snapshot['context'], 'active' | 'ranking'> =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'selection.changed';
