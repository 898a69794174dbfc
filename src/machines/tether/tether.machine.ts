/**
 * One actor for each phone that shares its connection by USB or Bluetooth, born when it is plugged in, ended when it is
 * unplugged, whatever it was about (TETH-1).
 *
 * - `detected`: it has just been plugged in.
 * - `initializing`: its link is set up, and a lease is asked for.
 * - `validating`: it has a way out, and is asked whether anything answers beyond it.
 * - `ready`: it may carry traffic, as long as it has a way out. Whether it is any good is its interface's affair.
 * - `failed`: it has no way out, or nothing answers. It is tried again, more rarely each time; an answer counts meanwhile.
 * - `released`: it is switched off, or another manager holds its address: then it is used as it is.
 */
import { assign, enqueueActions, raise, setup } from 'xstate';
import type { TetherState } from '../../model/tether.ts';
import { later, seconds, type Milliseconds } from '../../model/units.ts';
import { asDelay } from '../delay.decisions.ts';
import { parentOf } from '../parent.ts';
import type { TetherConsequence, TetherContext, TetherFact, TetherInput, TetherUpdated } from './tether.context.ts';
import {
  consequences,
  initialContext,
  isElsewhere,
  noWay,
  notValidated,
  retryBackOff,
  settingsOf,
  standingProblem,
  takeIn,
  viewOf,
} from './tether.decisions.ts';

export type TetherEvent = TetherFact | TetherConsequence | { readonly type: 'view.outdated' };

/** Time for a burst of probes, and two more rounds. */
const validation = seconds(15);

const delays = {
  dhcpTimeout: ({ context }: { context: TetherContext }): Milliseconds => asDelay(settingsOf(context).dhcpTimeout),
  validation: (): Milliseconds => validation,
  retryBackOff: ({ context }: { context: TetherContext }): Milliseconds => asDelay(retryBackOff(context)),
};

export const tetherMachine = setup({
  types: {
    context: {} as TetherContext,
    events: {} as TetherEvent,
    input: {} as TetherInput,
  },
  delays,
  guards: {
    isSwitchedOff: ({ context }) => !settingsOf(context).enabled,
    isElsewhere: ({ context }) => isElsewhere(context),
    /** What looked like another manager's was the lease of the run before: its way is known in a moment. */
    isInUse: ({ context }) => context.hasWay || context.lease === 'held',
    wasReady: ({ context }) => context.wasReady && context.hasWay,
    isTrusted: ({ context }) => !settingsOf(context).validateRoute,
  },
  actions: {
    takeIn: enqueueActions(({ context, event, enqueue }) => {
      if (!('at' in event)) return;
      const next = takeIn(context, event);
      enqueue.assign(next);
      for (const consequence of consequences(context, next, event)) enqueue.raise(consequence);
      enqueue.raise({ type: 'view.outdated' });
    }),
    /** What is the case already is no news: it is considered when a state is entered. */
    consider: enqueueActions(({ context, enqueue }) => {
      if (context.hasWay) enqueue.raise({ type: 'way.gained' });
    }),
    enter: enqueueActions(({ context, enqueue }, { state }: { state: TetherState }) => {
      enqueue.assign({ state, since: context.now, problem: standingProblem(context, state) });
      enqueue.raise({ type: 'view.outdated' });
    }),
    await: assign(({ context }, { delay }: { delay: keyof typeof delays }) => ({
      dueAt: later(context.now, delays[delay]({ context })),
    })),
    /** A deadline carries no instant of its own: it is the one that was set. */
    reachDeadline: assign(({ context }) => ({ now: context.dueAt ?? context.now })),
    noteNoWay: assign(({ context }) => ({ problem: noWay(context) })),
    noteSilence: assign(({ context }) => ({ problem: notValidated(context) })),
    countFailure: assign(({ context }) => ({ failures: context.failures + 1 })),
    forgetTrouble: assign({ failures: 0, problem: null }),
    publish: enqueueActions(({ context, self, enqueue }) => {
      const view = viewOf(context);
      if (view === context.view) return;
      enqueue.assign({ view });
      enqueue.sendTo(parentOf(self), {
        type: 'tether.updated',
        index: context.facts.index,
        view,
        at: context.now,
      } satisfies TetherUpdated);
    }),
  },
}).createMachine({
  id: 'tether',
  context: ({ input }) => initialContext(input),
  initial: 'detected',
  on: {
    'interface.changed': { actions: 'takeIn' },
    'tether.stands': { actions: 'takeIn' },
    'probe.finished': { actions: 'takeIn' },
    'probe.answeredLate': { actions: 'takeIn' },
    'view.outdated': { actions: 'publish' },
  },
  states: {
    detected: {
      entry: raise({ type: 'tether.found' }),
      on: {
        'tether.found': [
          { guard: 'isSwitchedOff', target: 'released.switchedOff' },
          { guard: 'isElsewhere', target: 'released' },
          { guard: 'wasReady', target: 'ready' },
          { target: 'initializing' },
        ],
      },
    },
    initializing: {
      entry: [
        { type: 'enter', params: { state: 'initializing' } },
        { type: 'await', params: { delay: 'dhcpTimeout' } },
        'consider',
      ],
      on: {
        'manager.found': 'released',
        'way.gained': [{ guard: 'isTrusted', target: 'ready' }, { target: 'validating' }],
        'lease.missing': { target: 'failed', actions: 'noteNoWay' },
      },
      after: { dhcpTimeout: { target: 'failed', actions: ['reachDeadline', 'noteNoWay'] } },
    },
    validating: {
      entry: [
        { type: 'enter', params: { state: 'validating' } },
        { type: 'await', params: { delay: 'validation' } },
      ],
      on: {
        'manager.found': 'released',
        'way.proven': 'ready',
        'way.lost': 'initializing',
      },
      after: { validation: { target: 'failed', actions: ['reachDeadline', 'noteSilence'] } },
    },
    ready: {
      entry: ['forgetTrouble', { type: 'enter', params: { state: 'ready' } }],
      on: {
        'manager.found': 'released',
        'way.lost': 'initializing',
      },
    },
    failed: {
      entry: [
        'countFailure',
        { type: 'enter', params: { state: 'failed' } },
        { type: 'await', params: { delay: 'retryBackOff' } },
      ],
      on: {
        'manager.found': 'released',
        'way.gained': [{ guard: 'isTrusted', target: 'ready' }, { target: 'validating' }],
        'way.proven': 'ready',
      },
      after: { retryBackOff: { target: 'initializing', actions: 'reachDeadline' } },
    },
    released: {
      entry: ['forgetTrouble', { type: 'enter', params: { state: 'released' } }],
      initial: 'managed',
      states: {
        managed: {
          on: {
            // It has carried traffic, or could have: nothing is new about it.
            'manager.gone': [{ guard: 'isInUse', target: '#tether.ready' }, { target: '#tether.initializing' }],
          },
        },
        switchedOff: {},
      },
    },
  },
});
