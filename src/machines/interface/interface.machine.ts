/**
 * One actor per interface, born and ended with it.
 *
 * It decides two things, side by side:
 * - `lifecycle`: the slow opinion of the uplink, up, degraded, down or probing. A verdict that points elsewhere makes a
 *   transition pending, a contrary one cancels it. Losing carrier, address or interface waits for nothing.
 * - `damping`: whether the uplink flaps so much that it is held back.
 *
 * Facts are taken in at the root, which raises what they mean (`presence.lost`, `verdict.failed` …); the regions know
 * those words only. The parent is told whenever the summary has changed.
 */
import { assign, enqueueActions, raise, setup } from 'xstate';
import type { LifecycleConfig } from '../../model/config.ts';
import type { LifecycleState } from '../../model/status.ts';
import { elapsed, later } from '../../model/units.ts';
import { isPresent } from './candidacy.decisions.ts';
import { isTooHigh, penalise, timeUntilReuse } from './damping.decisions.ts';
import { asDelay } from '../delay.decisions.ts';
import type {
  Consequence,
  Gap,
  InterfaceContext,
  InterfaceFact,
  InterfaceInput,
  InterfaceUpdated,
} from './interface.context.ts';
import { consequences, holdDown, initialContext, takeIn, verdictEvent } from './interface.decisions.ts';
import { awake, consequencesOfMemory, recall } from './memory.decisions.ts';
import { parentOf } from '../parent.ts';
import { viewOf } from './uplink-view.decisions.ts';

export type InterfaceEvent = InterfaceFact | Gap | Consequence | { readonly type: 'view.outdated' };

const factTypes: readonly InterfaceEvent['type'][] = [
  'interface.changed',
  'addresses.claimed',
  'lease.changed',
  'uplink.withheld',
  'budget.changed',
  'probe.finished',
  'probe.answeredLate',
  'targets.blamed',
];
const isFact = (event: InterfaceEvent): event is InterfaceFact => factTypes.includes(event.type);

export const interfaceMachine = setup({
  types: {
    context: {} as InterfaceContext,
    events: {} as InterfaceEvent,
    input: {} as InterfaceInput,
  },
  delays: {
    // Each is the hold-down of its name, or what is left of minStateDuration where that is longer.
    upToDegraded: ({ context }) => holdDown(context, 'upToDegraded'),
    degradedToDown: ({ context }) => holdDown(context, 'degradedToDown'),
    downToProbing: ({ context }) => holdDown(context, 'downToProbing'),
    probingToUp: ({ context }) => holdDown(context, 'probingToUp'),
    minStateDuration: ({ context }) => holdDown(context, 'minStateDuration'),
    // Until the penalty has decayed below the limit of reuse.
    reuse: ({ context }) => asDelay(timeUntilReuse(context.damping, context.now, context.config.selection.damping)),
  },
  guards: {
    /** The state has lasted long enough for a transition without a hold-down. */
    isMature: ({ context }) => elapsed(context.since, context.now) >= context.config.lifecycle.minStateDuration,
    isReusable: ({ context }) => timeUntilReuse(context.damping, context.now, context.config.selection.damping) === 0,
    isFlapping: ({ context }) => {
      const { damping } = context.config.selection;
      return isTooHigh(penalise(context.damping, context.now, damping), context.now, damping);
    },
  },
  actions: {
    takeIn: enqueueActions(({ context, event, enqueue }) => {
      if (!isFact(event)) return;
      const next = takeIn(context, event);
      if (next === context) return;
      enqueue.assign(next);
      for (const consequence of consequences(context, next)) enqueue.raise(consequence);
      enqueue.raise({ type: 'view.outdated' });
    }),
    /** What an earlier run knew. */
    recall: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'uplink.remembered') return;
      const next = recall(context, event.memory, event.at);
      if (next === context) return;
      enqueue.assign(next);
      for (const consequence of consequencesOfMemory(next, event.memory)) enqueue.raise(consequence);
      enqueue.raise({ type: 'view.outdated' });
    }),
    wake: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'node.resumed') return;
      const next = awake(context, event.slept, event.at);
      enqueue.assign(next);
      for (const consequence of consequences(context, next)) enqueue.raise(consequence);
      enqueue.raise({ type: 'penalty.decayed' });
      enqueue.raise({ type: 'view.outdated' });
    }),
    /** An interface that is found without carrier or address has lost them before we came. */
    announceAbsence: enqueueActions(({ context, enqueue }) => {
      if (!isPresent(context.facts)) enqueue.raise({ type: 'presence.lost' });
    }),
    /** A verdict may point elsewhere the moment a state is entered: it is considered anew. */
    enter: enqueueActions(({ context, event, enqueue }, { state }: { state: LifecycleState }) => {
      enqueue.assign({ lifecycle: state, since: 'since' in event ? event.since : context.now });
      enqueue.raise(verdictEvent(context));
      enqueue.raise({ type: 'view.outdated' });
    }),
    await: assign(({ context }, { to, hold }: { to: LifecycleState; hold: keyof LifecycleConfig }) => ({
      pending: { to, since: context.now, dueAt: later(context.now, holdDown(context, hold)) },
    })),
    abandon: assign({ pending: null }),
    /** A deadline carries no instant of its own: it is the one that was set. */
    reachDeadline: assign(({ context }) => ({ now: context.pending?.dueAt ?? context.now })),
    penalise: assign(({ context }) => ({
      damping: penalise(context.damping, context.now, context.config.selection.damping),
    })),
    suppress: assign({ isSuppressed: true }),
    release: assign(({ context: { damping, config } }) => ({
      isSuppressed: false,
      now: later(damping.at, timeUntilReuse(damping, damping.at, config.selection.damping)),
    })),
    /** The wait was over while the machine was asleep. */
    releaseLate: assign({ isSuppressed: false }),
    outdateView: raise({ type: 'view.outdated' }),
    publish: enqueueActions(({ context, self, enqueue }) => {
      const view = viewOf(context);
      if (view === context.view) return;
      enqueue.assign({ view });
      enqueue.sendTo(parentOf(self), {
        type: 'interface.updated',
        index: context.facts.index,
        view,
        at: context.now,
      } satisfies InterfaceUpdated);
    }),
  },
}).createMachine({
  id: 'interface',
  context: ({ input }) => initialContext(input),
  type: 'parallel',
  entry: 'announceAbsence',
  on: {
    'interface.changed': { actions: 'takeIn' },
    'addresses.claimed': { actions: 'takeIn' },
    'lease.changed': { actions: 'takeIn' },
    'uplink.withheld': { actions: 'takeIn' },
    'budget.changed': { actions: 'takeIn' },
    'probe.finished': { actions: 'takeIn' },
    'probe.answeredLate': { actions: 'takeIn' },
    'targets.blamed': { actions: 'takeIn' },
    'uplink.remembered': { actions: 'recall' },
    'node.resumed': { actions: 'wake' },
    'view.outdated': { actions: 'publish' },
  },
  states: {
    lifecycle: {
      initial: 'probing',
      on: { 'presence.lost': '.down' },
      states: {
        probing: {
          entry: { type: 'enter', params: { state: 'probing' } },
          initial: 'steady',
          on: {
            'memory.up': 'up',
            'memory.degraded': 'degraded',
            'memory.down': 'down',
            'verdict.healthy': '.rising',
            'verdict.degraded': [{ guard: 'isMature', target: 'degraded' }, { target: '.declining' }],
            'verdict.failed': [{ guard: 'isMature', target: 'down' }, { target: '.failing' }],
            'verdict.cleared': '.steady',
          },
          states: {
            steady: { entry: 'abandon' },
            rising: {
              entry: { type: 'await', params: { to: 'up', hold: 'probingToUp' } },
              after: { probingToUp: { target: '#interface.lifecycle.up', actions: 'reachDeadline' } },
            },
            declining: {
              entry: { type: 'await', params: { to: 'degraded', hold: 'minStateDuration' } },
              after: { minStateDuration: { target: '#interface.lifecycle.degraded', actions: 'reachDeadline' } },
            },
            failing: {
              entry: { type: 'await', params: { to: 'down', hold: 'minStateDuration' } },
              after: { minStateDuration: { target: '#interface.lifecycle.down', actions: 'reachDeadline' } },
            },
          },
        },
        up: {
          entry: { type: 'enter', params: { state: 'up' } },
          initial: 'steady',
          on: {
            'verdict.healthy': '.steady',
            'verdict.degraded': '.declining',
            'verdict.failed': [{ guard: 'isMature', target: 'degraded' }, { target: '.failing' }],
            'verdict.cleared': '.steady',
          },
          states: {
            steady: { entry: 'abandon' },
            declining: {
              entry: { type: 'await', params: { to: 'degraded', hold: 'upToDegraded' } },
              after: { upToDegraded: { target: '#interface.lifecycle.degraded', actions: 'reachDeadline' } },
            },
            failing: {
              entry: { type: 'await', params: { to: 'degraded', hold: 'minStateDuration' } },
              after: { minStateDuration: { target: '#interface.lifecycle.degraded', actions: 'reachDeadline' } },
            },
          },
        },
        degraded: {
          entry: { type: 'enter', params: { state: 'degraded' } },
          initial: 'steady',
          on: {
            'verdict.healthy': [{ guard: 'isMature', target: 'up' }, { target: '.recovering' }],
            'verdict.degraded': '.steady',
            'verdict.failed': '.failing',
            'verdict.cleared': '.steady',
          },
          states: {
            steady: { entry: 'abandon' },
            recovering: {
              entry: { type: 'await', params: { to: 'up', hold: 'minStateDuration' } },
              after: { minStateDuration: { target: '#interface.lifecycle.up', actions: 'reachDeadline' } },
            },
            failing: {
              entry: { type: 'await', params: { to: 'down', hold: 'degradedToDown' } },
              after: { degradedToDown: { target: '#interface.lifecycle.down', actions: 'reachDeadline' } },
            },
          },
        },
        down: {
          entry: { type: 'enter', params: { state: 'down' } },
          initial: 'steady',
          on: {
            'presence.returned': 'probing',
            // It is down already, and has been since it was.
            'presence.lost': {},
            'verdict.healthy': '.reviving',
            'verdict.degraded': '.reviving',
            'verdict.failed': '.steady',
            'verdict.cleared': '.steady',
          },
          states: {
            steady: { entry: 'abandon' },
            reviving: {
              entry: { type: 'await', params: { to: 'probing', hold: 'downToProbing' } },
              // Either verdict revives it: one after the other is no reason to wait anew.
              on: { 'verdict.healthy': {}, 'verdict.degraded': {} },
              after: { downToProbing: { target: '#interface.lifecycle.probing', actions: 'reachDeadline' } },
            },
          },
        },
      },
    },
    damping: {
      initial: 'calm',
      states: {
        calm: {
          on: {
            'carrier.lost': [
              { guard: 'isFlapping', target: 'suppressed', actions: 'penalise' },
              { actions: 'penalise' },
            ],
            'reachability.lost': [
              { guard: 'isFlapping', target: 'suppressed', actions: 'penalise' },
              { actions: 'penalise' },
            ],
            'memory.suppressed': 'suppressed',
          },
        },
        suppressed: {
          entry: ['suppress', 'outdateView'],
          exit: ['outdateView'],
          on: {
            // Entered anew, so that the wait for reuse starts from the higher penalty.
            'carrier.lost': { target: 'suppressed', reenter: true, actions: 'penalise' },
            'reachability.lost': { target: 'suppressed', reenter: true, actions: 'penalise' },
            // Anew as well: the timer did not run while the machine was asleep.
            'penalty.decayed': [
              { guard: 'isReusable', target: 'calm', actions: 'releaseLate' },
              { target: 'suppressed', reenter: true },
            ],
          },
          after: { reuse: { target: 'calm', actions: 'release' } },
        },
      },
    },
  },
});
