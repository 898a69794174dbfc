/** What must hold of a lease whatever happens to it. */
import type { SnapshotFrom } from 'xstate';
import type { LeaseUpdated } from '../../../src/machines/lease/lease.context.ts';
import type { leaseMachine } from '../../../src/machines/lease/lease.machine.ts';
import { broken } from './rules.ts';
import type { Sight } from './world.ts';

type Snapshot = SnapshotFrom<typeof leaseMachine>;

export function violations({ snapshot, before, now, timers, told }: Sight<Snapshot>): readonly string[] {
  const { context } = snapshot;
  const { lease, expiresAt, facts, view, request } = context;
  const views = (told as readonly LeaseUpdated[]).map((one) => one.view);
  const requests = views.flatMap(({ intent }) => intent?.request ?? []);
  const isHeld = snapshot.matches('held');
  const isAsked = isHeld || snapshot.matches('requesting');
  return broken({
    'there is a lease exactly while it is held': (lease !== null) === isHeld,
    'a lease is held no longer than it was granted': expiresAt === null || expiresAt > now || lease === null,
    'the parent knows all that it is to know': view === (views.at(-1) ?? null),
    'it is asked for exactly while it is wanted and nobody else has it': ((view?.intent ?? null) !== null) === isAsked,
    'the numbers of requests only rise': requests.every((one, i) => i === 0 || one >= (requests[i - 1] ?? 0)),
    'what is asked for is the latest request': !isAsked || view?.intent?.request === request,
    'nothing is asked for without carrier, unless it is held': facts.hasCarrier || !snapshot.matches('requesting'),
    'what is paused has no carrier': snapshot.matches({ held: 'paused' }) === (isHeld && !facts.hasCarrier),
    'the address of another manager is used': !snapshot.matches({ yielded: 'used' }) || context.problem !== null,
    'a problem is told while it lasts': context.problem === (view?.problem ?? null),
    'what waits, waits for no more than five minutes': timers.every(
      ({ event, dueAt }) => dueAt - now <= 300_000 || event.includes('expiry'),
    ),
    'an interface that another manager came to is let go at once':
      before === null ||
      !context.facts.defaultRoutes.some(({ protocol }) => protocol === 16) ||
      !isAsked ||
      !facts.hasCarrier,
  });
}
