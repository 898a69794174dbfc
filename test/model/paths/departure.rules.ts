/** What must hold of an uplink that was left, whatever happens to it. */
import type { SnapshotFrom } from 'xstate';
import type { DepartureDecided } from '../../../src/machines/departure/departure.context.ts';
import type { departureMachine } from '../../../src/machines/departure/departure.machine.ts';
import { broken } from './rules.ts';
import type { Sight } from './world.ts';

type Snapshot = SnapshotFrom<typeof departureMachine>;

export function violations({ snapshot, before, now, timers, told }: Sight<Snapshot>): readonly string[] {
  const { value: state, context } = snapshot;
  const { isDead, hasWayOut, isExpensive, linger } = context;
  const decisions = told as readonly DepartureDecided[];
  const latest = decisions.at(-1)?.stranded ?? null;
  const [timer] = timers;
  return broken({
    'the parent knows whether flows are ended': (state === 'ended') === (latest !== null),
    'nothing is ended by the way that is left while it works and costs nothing': !(
      state === 'ended' &&
      !isDead &&
      !isExpensive
    ),
    'what is trapped is dead and has no way out': state !== 'trapped' || (isDead && !hasWayOut),
    'who is dead while another is reachable is ended': !(isDead && hasWayOut) || state === 'ended',
    'only what costs lingers, and only while it works': state !== 'lingering' || (isExpensive && !isDead),
    'the wait runs exactly while it lingers': (state === 'lingering') === (timers.length === 1),
    'the wait is as long as configured': timer === undefined || timer.dueAt - now <= linger,
    'an order names the moment it was given': latest === null || latest.since <= now,
    'an order is given once':
      before === null || before.value !== 'ended' || state !== 'ended' || isSameOrder(decisions),
  });
}

/** Entered once, an order stands until it is revoked. */
const isSameOrder = (decisions: readonly DepartureDecided[]): boolean =>
  decisions.every(
    ({ stranded }, position) => stranded === null || (decisions[position - 1]?.stranded ?? null) === null,
  );
