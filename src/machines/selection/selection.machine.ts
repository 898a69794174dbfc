/**
 * One actor per family: it holds the choice of the active uplink, and the time that a lead must last.
 *
 * - `waiting`: no uplink has a way out.
 * - `provisional`: the active uplink has no verdict yet. It was chosen at start, was found in use by the kernel, or has
 *   a new address; it is not left before it has one, unless it loses its way out.
 * - `settled`: the active uplink is as good as any other.
 * - `challenged`: another leads in score, and has to lead for a while: first `holding` for the time, then, where its
 *   rounds are rarer than that, `counting` them.
 *
 * Who is chosen is decided in `selection.decisions.ts` after every event; the outcome is raised as `choice.…`, and the
 * states follow it.
 */
import { assign, enqueueActions, raise, setup } from 'xstate';
import { elapsed } from '../../model/units.ts';
import { asDelay } from '../delay.decisions.ts';
import { decide, initialContext, outcomeOf, takeIn } from './incumbency.decisions.ts';
import { parentOf } from '../parent.ts';
import type {
  ChoiceEvent,
  SelectionChanged,
  SelectionContext,
  SelectionFact,
  SelectionInput,
} from './selection.context.ts';

export type SelectionEvent = SelectionFact | ChoiceEvent;

export const selectionMachine = setup({
  types: {
    context: {} as SelectionContext,
    events: {} as SelectionEvent,
    input: {} as SelectionInput,
  },
  delays: {
    // A lead that is gone after a moment is noise; every switch costs someone a connection.
    switchAfter: ({ context: { awaited, now } }) => asDelay(awaited === null ? 0 : elapsed(now, awaited.dueAt)),
  },
  guards: {
    /** One that is due at the same time is waited for by the same timer, whoever leads. */
    isSameChallenge: ({ context: { awaited, choice } }) => awaited?.dueAt === choice?.challenge?.dueAt,
  },
  actions: {
    takeIn: assign(({ context, event }) => ('at' in event ? takeIn(context, event) : {})),
    decide: assign(({ context }) => decide(context)),
    raiseOutcome: raise(({ context }) => outcomeOf(context)),
    /** A deadline carries no instant of its own: it is the one that was set. */
    reachDeadline: assign(({ context }) => ({ now: context.awaited?.dueAt ?? context.now })),
    awaitChallenge: assign(({ context }) => ({ awaited: context.choice?.challenge ?? null })),
    abandonChallenge: assign({ awaited: null }),
    publish: enqueueActions(({ context: { family, active, ranking, now, told }, self, enqueue }) => {
      if (told?.active === active && told.ranking === ranking) return;
      enqueue.assign({ told: { active, ranking } });
      enqueue.sendTo(parentOf(self), {
        type: 'selection.changed',
        family,
        active,
        ranking,
        at: now,
      } satisfies SelectionChanged);
    }),
  },
}).createMachine({
  id: 'selection',
  context: ({ input }) => initialContext(input),
  entry: ['decide', 'raiseOutcome', 'publish'],
  on: {
    'contender.changed': { actions: ['takeIn', 'decide', 'raiseOutcome', 'publish'] },
    'contender.lost': { actions: ['takeIn', 'decide', 'raiseOutcome', 'publish'] },
    'pin.changed': { actions: ['takeIn', 'decide', 'raiseOutcome', 'publish'] },
    'choice.none': '.waiting',
    'choice.provisional': '.provisional',
    'choice.settled': '.settled',
    'choice.challenged': '.challenged',
  },
  initial: 'waiting',
  states: {
    waiting: {},
    provisional: {},
    settled: {},
    challenged: {
      entry: 'awaitChallenge',
      exit: 'abandonChallenge',
      // The same challenge goes on; another one is waited for from its own beginning.
      on: { 'choice.challenged': { guard: 'isSameChallenge', actions: 'awaitChallenge' } },
      initial: 'holding',
      states: {
        holding: {
          after: { switchAfter: { target: 'counting', actions: 'reachDeadline' } },
        },
        counting: { entry: ['decide', 'raiseOutcome', 'publish'] },
      },
    },
  },
});
