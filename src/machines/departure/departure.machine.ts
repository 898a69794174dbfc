/**
 * One actor for each uplink and family that was active and is not any more, until it is active again: it decides
 * whether the flows that still use the uplink are ended (ROUT-6).
 *
 * - `finishing`: the uplink works, and its flows may finish.
 * - `lingering`: it works and costs money. Its flows may finish for a while.
 * - `trapped`: it is dead, but so is all else: flows that are ended could not begin anew.
 * - `ended`: its flows are ended, because it is dead and there is a way out, or because they have lingered.
 *
 * An actor begins as `finishing`; the first word of its parent moves it on at once.
 */
import { assign, enqueueActions, setup } from 'xstate';
import { later } from '../../model/units.ts';
import { asDelay } from '../delay.decisions.ts';
import type { DepartureContext, DepartureDecided, DepartureEvent, DepartureInput } from './departure.context.ts';
import { strandedFlows } from './departure.decisions.ts';
import { parentOf } from '../parent.ts';

export const departureMachine = setup({
  types: {
    context: {} as DepartureContext,
    events: {} as DepartureEvent,
    input: {} as DepartureInput,
  },
  delays: {
    // A download may end by itself, and the node may come back: an ended flow costs someone its connection.
    linger: ({ context }) => asDelay(context.linger),
  },
  guards: {
    isStranded: ({ event }) => event.isDead && event.hasWayOut,
    isDead: ({ event }) => event.isDead,
    isExpensive: ({ context }) => context.isExpensive,
  },
  actions: {
    takeIn: assign(({ event: { isDead, hasWayOut, at } }) => ({ isDead, hasWayOut, now: at })),
    reachDeadline: assign(({ context }) => ({ now: later(context.now, context.linger) })),
    order: enqueueActions(({ context, self, enqueue }) => {
      const { index, family, now: at } = context;
      enqueue.sendTo(parentOf(self), {
        type: 'departure.decided',
        index,
        family,
        stranded: strandedFlows(context),
        at,
      } satisfies DepartureDecided);
    }),
    /** A state is left before the event that leads out of it is taken in. */
    revoke: enqueueActions(({ context: { index, family }, event, self, enqueue }) => {
      enqueue.sendTo(parentOf(self), {
        type: 'departure.decided',
        index,
        family,
        stranded: null,
        at: event.at,
      } satisfies DepartureDecided);
    }),
  },
}).createMachine({
  id: 'departure',
  context: ({ input }) => ({ ...input, isDead: false, hasWayOut: true, now: input.at }),
  initial: 'finishing',
  states: {
    finishing: {
      on: {
        'standing.changed': [
          { guard: 'isStranded', target: 'ended', actions: 'takeIn' },
          { guard: 'isDead', target: 'trapped', actions: 'takeIn' },
          { guard: 'isExpensive', target: 'lingering', actions: 'takeIn' },
          { actions: 'takeIn' },
        ],
      },
    },
    lingering: {
      after: { linger: { target: 'ended', actions: 'reachDeadline' } },
      on: {
        'standing.changed': [
          { guard: 'isStranded', target: 'ended', actions: 'takeIn' },
          { guard: 'isDead', target: 'trapped', actions: 'takeIn' },
        ],
      },
    },
    trapped: {
      on: {
        'standing.changed': [
          { guard: 'isStranded', target: 'ended', actions: 'takeIn' },
          { guard: 'isDead' },
          { guard: 'isExpensive', target: 'lingering', actions: 'takeIn' },
          { target: 'finishing', actions: 'takeIn' },
        ],
      },
    },
    ended: {
      entry: 'order',
      exit: 'revoke',
      on: {
        'standing.changed': [
          { guard: 'isDead', actions: 'takeIn' },
          // What uses it from now on was begun knowingly, and its time is over.
          { guard: 'isExpensive' },
          { target: 'finishing', actions: 'takeIn' },
        ],
      },
    },
  },
});
