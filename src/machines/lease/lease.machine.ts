/**
 * One actor for each interface whose lease backhauld holds: a tether, or an uplink that is configured so (`dhcp = true`).
 *
 * - `idle`: the link is down or has no carrier.
 * - `requesting`: a lease is asked for. Whoever asks goes on asking; from time to time it is told to begin anew.
 * - `held`: there is one. While it is `suspect`, for the gateway does not answer or nothing beyond it does, it is kept, and
 *   asked for anew: a network that was numbered anew is joined at once, and a gateway that is back is found as it was.
 * - `yielded`: another manager holds the address. It is used as it is, and backhauld takes over when that one has left.
 */
import { assign, enqueueActions, raise, setup } from 'xstate';
import { later, seconds, type Milliseconds } from '../../model/units.ts';
import { asDelay } from '../delay.decisions.ts';
import type {
  LeaseConsequence,
  LeaseContext,
  LeaseFact,
  LeaseInput,
  LeasePhase,
  LeaseUpdated,
} from './lease.context.ts';
import {
  consequences,
  hasExpired,
  initialContext,
  isRested,
  managedElsewhere,
  noAnswer,
  requestTimeout,
  retryBackOff,
  stageOf,
  takeIn,
  untilExpiry,
  viewOf,
  withLease,
  withoutLease,
  withRequest,
  wordFor,
} from './lease.decisions.ts';
import { parentOf } from '../parent.ts';

export type LeaseEvent = LeaseFact | LeaseConsequence | { readonly type: 'view.outdated' };

/** A manager that loses its own lease, or is restarted, is back within this time. */
const takeOver = seconds(30);

const delays = {
  requestTimeout: ({ context }: { context: LeaseContext }): Milliseconds => requestTimeout(context),
  retryBackOff: ({ context }: { context: LeaseContext }): Milliseconds => asDelay(retryBackOff(context)),
  takeOver: (): Milliseconds => takeOver,
  expiry: ({ context }: { context: LeaseContext }): Milliseconds => untilExpiry(context),
};

export const leaseMachine = setup({
  types: {
    context: {} as LeaseContext,
    events: {} as LeaseEvent,
    input: {} as LeaseInput,
  },
  delays,
  guards: {
    wasManaged: ({ context }) => context.wasManaged,
    isRested: ({ context }) => isRested(context),
    isOver: ({ context: { expiresAt, expiryDueAt } }) =>
      expiresAt !== null && expiryDueAt !== null && expiresAt <= expiryDueAt,
    isProven: ({ context }) => context.verdict === 'healthy' || context.verdict === 'degraded',
    hasExpired: ({ context }) => hasExpired(context),
    /** The lease itself holds: only the program that would renew it is gone. */
    isClientGone: ({ event }) => event.type === 'lease.lost' && event.because === 'clientEnded',
  },
  actions: {
    takeIn: enqueueActions(({ context, event, enqueue }) => {
      if (!('at' in event)) return;
      const next = takeIn(context, event);
      enqueue.assign(next);
      for (const consequence of consequences(context, next, event)) enqueue.raise(consequence);
    }),
    /** What is the case already is no news: it is considered when a state is entered, before anyone is told of the state. */
    consider: enqueueActions(({ context, enqueue }) => enqueue.raise(wordFor[stageOf(context)])),
    enter: enqueueActions(({ context, enqueue }, { phase }: { phase: LeasePhase }) => {
      // What another manager has stays its own while the cable is out.
      enqueue.assign({ phase: phase === 'idle' && context.wasManaged ? 'elsewhere' : phase });
      enqueue.raise({ type: 'view.outdated' });
    }),
    request: assign(({ context }) => withRequest(context)),
    await: assign(({ context }, { delay }: { delay: keyof typeof delays }) => ({
      dueAt: later(context.now, delays[delay]({ context })),
    })),
    awaitExpiry: assign(({ context }) => ({ expiryDueAt: later(context.now, untilExpiry(context)) })),
    /** A deadline carries no instant of its own: it is the one that was set. */
    reachDeadline: assign(({ context }) => ({ now: context.dueAt ?? context.now })),
    reachExpiry: assign(({ context }) => ({ now: context.expiryDueAt ?? context.now })),
    noteTime: assign(({ context, event }) => ({ now: 'at' in event ? event.at : context.now })),
    noteLease: assign(({ context, event }) => ('at' in event ? withLease(context, event) : {})),
    dropLease: assign(withoutLease),
    countFailure: assign(({ context }) => ({ failures: context.failures + 1 })),
    noteProblem: assign(({ context, event }) => ({
      problem: event.type === 'lease.failed' ? event.problem : noAnswer(context),
    })),
    yield: assign(({ context }) => ({ wasManaged: true, problem: managedElsewhere(context) })),
    takeBack: assign({ wasManaged: false }),
    forgetTrouble: assign({ failures: 0, problem: null }),
    publish: enqueueActions(({ context, self, enqueue }) => {
      const view = viewOf(context);
      if (view === context.view) return;
      enqueue.assign({ view });
      enqueue.sendTo(parentOf(self), {
        type: 'lease.updated',
        index: context.facts.index,
        view,
        at: context.now,
      } satisfies LeaseUpdated);
    }),
    outdateView: raise({ type: 'view.outdated' }),
  },
}).createMachine({
  id: 'lease',
  context: ({ input }) => initialContext(input),
  initial: 'idle',
  on: {
    'interface.changed': { actions: 'takeIn' },
    'way.judged': { actions: 'takeIn' },
    'uplink.suspected': { actions: 'takeIn' },
    'node.resumed': { actions: 'takeIn' },
    'view.outdated': { actions: 'publish' },
  },
  states: {
    idle: {
      entry: ['forgetTrouble', 'consider', { type: 'enter', params: { phase: 'idle' } }],
      on: {
        'link.free': [{ guard: 'wasManaged', target: 'yielded.vacant' }, { target: 'requesting' }],
        'manager.found': 'yielded',
        'lease.remembered': { target: 'held.suspect', actions: 'noteLease' },
      },
    },
    requesting: {
      entry: 'consider',
      initial: 'asking',
      on: {
        'link.away': 'idle',
        'manager.found': 'yielded',
        'lease.bound': { target: 'held', actions: 'noteLease' },
        'lease.remembered': { target: 'held.suspect', actions: 'noteLease' },
      },
      states: {
        asking: {
          entry: [
            'request',
            { type: 'await', params: { delay: 'requestTimeout' } },
            { type: 'enter', params: { phase: 'asking' } },
          ],
          on: {
            'lease.failed': { target: 'failing', actions: ['noteTime', 'noteProblem'] },
            'lease.lost': { target: 'failing', actions: ['noteTime', 'noteProblem'] },
          },
          after: { requestTimeout: { target: 'failing', actions: ['reachDeadline', 'noteProblem'] } },
        },
        failing: {
          entry: [
            'countFailure',
            { type: 'await', params: { delay: 'retryBackOff' } },
            { type: 'enter', params: { phase: 'failing' } },
          ],
          on: { 'lease.failed': { actions: ['noteTime', 'noteProblem', 'outdateView'] } },
          after: { retryBackOff: { target: 'asking', actions: 'reachDeadline' } },
        },
      },
    },
    held: {
      entry: ['awaitExpiry', 'consider', { type: 'enter', params: { phase: 'held' } }],
      initial: 'sound',
      on: {
        'link.away': '.paused',
        'manager.found': { target: 'yielded', actions: 'dropLease' },
        // Entered anew, so that its time begins anew.
        'lease.bound': { target: 'held', reenter: true, actions: 'noteLease' },
        'lease.lost': { target: 'requesting', actions: ['noteTime', 'dropLease'] },
        // Anew as well: the timer did not run meanwhile.
        'time.passed': [
          { guard: 'hasExpired', target: 'requesting', actions: 'dropLease' },
          { target: '.suspect', reenter: true },
        ],
      },
      after: {
        expiry: [
          { guard: 'isOver', target: 'requesting', actions: ['reachExpiry', 'dropLease'] },
          { target: 'held', reenter: true, actions: 'reachExpiry' },
        ],
      },
      states: {
        sound: {
          on: {
            'lease.doubted': [{ guard: 'isRested', target: 'suspect' }, { target: 'suspect.waiting' }],
            'lease.lost': { guard: 'isClientGone', target: 'suspect', actions: 'noteTime' },
          },
        },
        suspect: {
          initial: 'asking',
          on: { 'lease.vindicated': 'sound' },
          states: {
            asking: {
              entry: ['request', { type: 'await', params: { delay: 'requestTimeout' } }, 'outdateView'],
              on: {
                'lease.failed': { target: 'waiting', actions: 'noteTime' },
                'lease.lost': { guard: 'isClientGone', target: 'waiting', actions: 'noteTime' },
              },
              after: { requestTimeout: { target: 'waiting', actions: 'reachDeadline' } },
            },
            waiting: {
              entry: ['countFailure', { type: 'await', params: { delay: 'retryBackOff' } }],
              on: { 'lease.lost': { guard: 'isClientGone', actions: 'noteTime' } },
              after: {
                retryBackOff: [
                  // The doubt was about the gateway, and the way by it has worked all the time.
                  { guard: 'isProven', target: '#lease.held.sound', actions: 'reachDeadline' },
                  { target: 'asking', actions: 'reachDeadline' },
                ],
              },
            },
          },
        },
        paused: {
          on: { 'link.free': 'suspect', 'lease.lost': { guard: 'isClientGone', actions: 'noteTime' } },
        },
      },
    },
    yielded: {
      initial: 'used',
      on: {
        'link.away': 'idle',
        'lease.remembered': { target: 'held.suspect', actions: 'noteLease' },
      },
      states: {
        used: {
          entry: ['yield', { type: 'enter', params: { phase: 'elsewhere' } }],
          on: { 'link.free': 'vacant' },
        },
        vacant: {
          entry: [
            'forgetTrouble',
            { type: 'await', params: { delay: 'takeOver' } },
            { type: 'enter', params: { phase: 'elsewhere' } },
          ],
          on: { 'manager.found': 'used' },
          after: { takeOver: { target: '#lease.requesting', actions: ['reachDeadline', 'takeBack'] } },
        },
      },
    },
  },
});
