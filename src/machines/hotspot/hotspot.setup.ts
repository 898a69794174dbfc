/** What the hotspot's chart is made of: its delays, guards and actions. */
import { assign, enqueueActions, raise, setup } from 'xstate';
import { elapsed, later, latest } from '../../model/units.ts';
import { asDelay } from '../delay.decisions.ts';
import type {
  HotspotConsequence,
  HotspotContext,
  HotspotFact,
  HotspotInput,
  HotspotPhase,
  HotspotUpdated,
} from './hotspot.context.ts';
import { isRotationDue, rotated, untilRotation } from './hotspot-key.decisions.ts';
import { isDemanded, isNeeded, isReturning, isSearchDue, isUnfit, isYielding } from './hotspot-need.decisions.ts';
import {
  noAnswer,
  takeIn,
  untilDeadline,
  viewOf,
  withClosing,
  withFailure,
  withOpening,
  withoutOpening,
  withPhase,
} from './hotspot.decisions.ts';
import { parentOf } from '../parent.ts';

type HotspotEvent = HotspotFact | HotspotConsequence;

export const hotspotSetup = setup({
  types: {
    context: {} as HotspotContext,
    events: {} as HotspotEvent,
    input: {} as HotspotInput,
  },
  delays: {
    // Counted from the moment the last way out was lost, and from the moment there was one again.
    startAfter: ({ context }) => untilDeadline(context),
    stopAfter: ({ context }) => untilDeadline(context),
    searchInterval: ({ context }) => untilDeadline(context),
    searchFor: ({ context }) => untilDeadline(context),
    // Longer after each failure: what cannot work now may work later, and is not to fill the log meanwhile.
    retryAfter: ({ context }) => untilDeadline(context),
    // Who carries it out always answers; if not, waiting for ever would be the worst.
    patience: ({ context }) => untilDeadline(context),
    rotationInterval: ({ context }) => untilRotation(context),
    overlap: ({ context: { now, previousEndsAt } }) => asDelay(elapsed(now, previousEndsAt ?? now)),
  },
  guards: {
    /** What is told of an older opening means nothing any more. */
    isCurrent: ({ context, event }) => 'opening' in event && event.opening === context.opening,
    isUnfit: ({ context }) => isUnfit(context),
    isDemanded: ({ context }) => isDemanded(context),
    isNeeded: ({ context }) => isNeeded(context),
    isWanted: ({ context }) => isDemanded(context) || isNeeded(context),
    isOff: ({ context }) => context.mode === 'off',
    isReturning: ({ context }) => isReturning(context),
    isYielding: ({ context }) => isYielding(context),
    isSearchDue: ({ context }) => isSearchDue(context),
    /** It was looking for its network already, and is to go on. */
    isSearching: ({ context }) => context.wayOut === null && context.mode !== 'off',
    hasPreviousKey: ({ context }) => context.previousKey !== null,
    isRotationDue: ({ context }) => isRotationDue(context),
  },
  actions: {
    takeIn: assign(({ context, event }) => ('at' in event ? takeIn(context, event) : {})),
    review: enqueueActions(({ enqueue }) => {
      enqueue.raise({ type: 'need.reviewed' });
      enqueue.raise({ type: 'view.outdated' });
    }),
    obey: raise({ type: 'mode.commanded' }),
    announce: enqueueActions(({ event, enqueue }) => {
      if (event.type === 'hotspot.opened') enqueue.raise({ type: 'point.opened', network: event.network });
      if (event.type === 'hotspot.failed') enqueue.raise({ type: 'point.failed', problem: event.problem });
      if (event.type === 'hotspot.closed') enqueue.raise({ type: 'point.closed' });
    }),
    /** The actor before this one failed, and what it wanted is still on air. */
    findPoint: enqueueActions(({ context: { wanted, network, previousKey }, enqueue }) => {
      if (wanted !== null && network !== null) enqueue.raise({ type: 'point.found' });
      if (previousKey !== null) enqueue.raise({ type: 'key.known' });
    }),
    knowKey: raise({ type: 'key.known' }),
    loseTime: raise({ type: 'time.lost' }),
    /** A deadline carries no instant of its own: it is the one that was set. */
    reachDeadline: assign(({ context: { now, deadline } }) => ({ now: latest(now, deadline ?? now) })),
    enter: assign(({ context }, { phase }: { phase: HotspotPhase }) => withPhase(context, phase)),
    open: assign(({ context }) => withOpening(context)),
    noteOpened: assign(({ context: { now, openedAt }, event }) =>
      event.type === 'point.opened' ? { network: event.network, openedAt: openedAt ?? now } : {},
    ),
    close: assign(({ context }, { isSearch }: { isSearch: boolean }) => withClosing(context, isSearch)),
    forgetSearch: assign(({ context: { closing } }) => ({
      closing: closing === null ? null : { ...closing, isSearch: false },
    })),
    noteFailure: assign(({ context, event }) =>
      withFailure(context, event.type === 'point.failed' ? event.problem : noAnswer(context)),
    ),
    withdraw: assign(withoutOpening),
    armRotation: assign(({ context }) => ({ rotationTimerAt: later(context.now, untilRotation(context)) })),
    reachRotation: assign(({ context: { now, rotationTimerAt } }) => ({ now: latest(now, rotationTimerAt) })),
    rotate: assign(({ context }) => rotated(context)),
    retire: assign(({ context: { now, previousEndsAt } }) => ({
      now: latest(now, previousEndsAt ?? now),
      previousKey: null,
      previousEndsAt: null,
    })),
    outdateView: raise({ type: 'view.outdated' }),
    publish: enqueueActions(({ context, self, enqueue }) => {
      const view = viewOf(context);
      if (view === context.view) return;
      enqueue.assign({ view });
      enqueue.sendTo(parentOf(self), { type: 'hotspot.updated', view, at: context.now } satisfies HotspotUpdated);
    }),
  },
});
