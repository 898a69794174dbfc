/**
 * The root: everything that enters the machines enters here.
 *
 * - `observing`: interfaces are found, and measured already, but nothing is chosen: the kernel may hold a choice.
 * - `running`: that is known, and one selection per family goes on from it.
 *
 * Each interface that is looked at has an actor of its own, born and ended with it. This one hands facts down, keeps what
 * the children say, and makes the intent of it. A child that fails is started again with the facts it had.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { NodeEmission } from '../model/events.ts';
import { families, perFamily } from '../model/family.ts';
import { classify } from './classification.decisions.ts';
import {
  carryingOf,
  departureActor,
  farewellOf,
  newStandings,
  withDepartures,
  withFarewell,
} from './departure.decisions.ts';
import { departureMachine } from './departure.machine.ts';
import { intentOf } from './intent.decisions.ts';
import { interfaceMachine } from './interface.machine.ts';
import type { NodeContext, NodeInput, NodeMachineEvent } from './node.context.ts';
import {
  blamedFor,
  indexOf,
  initialContext,
  interfaceActor,
  interfaceInput,
  isSameUplink,
  restartBackOff,
  selectionActor,
  selectionInput,
  switchOf,
  newClaims,
  withBlame,
  withFacts,
  withFailure,
  withInterfaceActor,
  withOperation,
  withoutInterface,
  withView,
} from './node.decisions.ts';
import { newProblems, problemsOf } from './problem.decisions.ts';
import { selectionMachine } from './selection.machine.ts';
import { unlessSame } from './unless-same.ts';

export const nodeMachine = setup({
  types: {
    context: {} as NodeContext,
    events: {} as NodeMachineEvent,
    input: {} as NodeInput,
    emitted: {} as NodeEmission,
  },
  actors: { interface: interfaceMachine, selection: selectionMachine, departure: departureMachine },
  delays: {
    // Longer after each failure: an actor that fails at once must not eat the processor.
    restartBackOff: ({ context, event }) =>
      restartBackOff('actorId' in event ? context.failures.get(event.actorId) : undefined),
  },
  guards: {
    isIgnored: ({ context, event }) => 'facts' in event && classify(event.facts, context.config).isIgnored,
    isIgnoredAlready: ({ context, event }) =>
      'facts' in event &&
      context.ignored.get(event.facts.index)?.name === event.facts.name &&
      classify(event.facts, context.config).isIgnored,
    /** More than figures is different: who may carry traffic, and by which way. */
    changesStanding: ({ context, event }) => {
      if (event.type !== 'interface.updated') return false;
      const before = context.views.get(event.index);
      const { name, candidacy, captive, ways } = event.view;
      const isOther = before?.candidacy !== candidacy || before.captive !== captive || before.ways !== ways;
      return isOther || context.pinned === name;
    },
    isSameUplink: ({ context, event }) => 'facts' in event && isSameUplink(context, event.facts),
  },
  actions: {
    noteTime: assign(({ context, event }) => ({ now: 'at' in event ? event.at : context.now })),
    noteFacts: enqueueActions(({ context, event, enqueue }) => {
      if (!('facts' in event)) return;
      const next = withFacts(context, event.facts);
      enqueue.assign(next);
      for (const { id, claims } of newClaims(context, next)) {
        enqueue.sendTo(id, { type: 'addresses.claimed', claims, at: event.at });
      }
    }),
    startInterface: enqueueActions(({ context, event, enqueue }) => {
      const index = indexOf(event);
      const input = index === null ? null : interfaceInput(context, index);
      if (index === null || input === null) return;
      enqueue.spawnChild('interface', { id: interfaceActor(index), input });
      enqueue.assign(withInterfaceActor(context, index));
    }),
    forgetInterface: enqueueActions(({ context, event, enqueue }) => {
      const index = indexOf(event);
      if (index === null) return;
      const { now: at, actors } = context;
      const view = context.views.get(index);
      const next = withoutInterface(context, index);
      if (actors.has(interfaceActor(index))) enqueue.stopChild(interfaceActor(index));
      enqueue.assign(next);
      for (const { id, claims } of newClaims(context, next)) {
        enqueue.sendTo(id, { type: 'addresses.claimed', claims, at });
      }
      if (view === undefined) return;
      for (const id of families.map(selectionActor)) {
        if (actors.has(id)) enqueue.sendTo(id, { type: 'contender.lost', index, at });
      }
      enqueue.emit({ type: 'state', index, name: view.name, from: view.lifecycle, to: null, at });
    }),
    forwardToInterface: enqueueActions(({ context, event, enqueue }) => {
      const index = indexOf(event);
      if (index !== null && context.actors.has(interfaceActor(index))) enqueue.sendTo(interfaceActor(index), event);
    }),
    tellInterfaces: enqueueActions(({ context, event, enqueue }) => {
      for (const index of context.uplinks.keys()) {
        if (context.actors.has(interfaceActor(index))) enqueue.sendTo(interfaceActor(index), event);
      }
    }),
    noteView: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'interface.updated' || !context.uplinks.has(event.index)) return;
      const { index, view, at } = event;
      const before = context.views.get(index);
      enqueue.assign(withView(context, index, view));
      if (before?.lifecycle !== view.lifecycle) {
        const { name, lifecycle: to } = view;
        enqueue.emit({ type: 'state', index, name, from: before?.lifecycle ?? null, to, at });
      }
      for (const family of families) {
        const contender = view.contenders[family];
        if (contender === before?.contenders[family] || !context.actors.has(selectionActor(family))) continue;
        enqueue.sendTo(selectionActor(family), { type: 'contender.changed', contender, at });
      }
    }),
    startSelections: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'network.observed') return;
      for (const family of families) {
        const input = selectionInput(context, family, event.incumbents[family]);
        enqueue.spawnChild('selection', { id: selectionActor(family), input });
      }
      enqueue.assign({ actors: new Set([...context.actors, ...families.map(selectionActor)]) });
    }),
    noteSelection: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'selection.changed') return;
      const { family, active, ranking, at } = event;
      const before = context.selected[family]?.active ?? null;
      enqueue.assign({ selected: { ...context.selected, [family]: { active, ranking } } });
      // To go on with what the kernel used already is no switch.
      if (active?.index === before?.index || active?.rule === 'incumbent') return;
      enqueue.emit({ type: 'switch', switch: switchOf(event, before), at });
    }),
    /** Whose flows still use an uplink that is not active any more. */
    noteDepartures: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'selection.changed') return;
      const farewell = farewellOf(context, event.family);
      const { over, left } = farewell;
      if (over.length === 0 && left === null) return;
      for (const id of over) enqueue.stopChild(id);
      enqueue.assign(withFarewell(context, farewell));
      if (left !== null) {
        enqueue.spawnChild('departure', { id: departureActor(left.index, left.family), input: left });
      }
    }),
    noteCarrying: assign(({ context }) => ({
      carrying: unlessSame(
        context.carrying,
        perFamily((family) => carryingOf(context, family)),
      ),
    })),
    tellStandings: enqueueActions(({ context, enqueue }) => {
      const changed = newStandings(context);
      if (changed.size === 0) return;
      const told = new Map([...changed].map(([id, standing]) => [id, { standing }]));
      enqueue.assign({ departures: withDepartures(context.departures, told) });
      for (const [id, standing] of changed) {
        enqueue.sendTo(id, { type: 'standing.changed', ...standing, at: context.now });
      }
    }),
    noteDeparture: assign(({ context, event }) => {
      if (event.type !== 'departure.decided') return {};
      const { index, family, stranded } = event;
      return {
        departures: withDepartures(context.departures, new Map([[departureActor(index, family), { stranded }]])),
      };
    }),
    noteBlame: assign(({ context, event }) => ('target' in event ? { blamed: withBlame(context.blamed, event) } : {})),
    tellBlame: enqueueActions(({ context, event, enqueue }) => {
      if (!('target' in event)) return;
      const { family, at } = event;
      for (const index of event.index === null ? context.uplinks.keys() : [event.index]) {
        if (!context.actors.has(interfaceActor(index))) continue;
        const targets = blamedFor(context.blamed, index, family);
        enqueue.sendTo(interfaceActor(index), { type: 'targets.blamed', family, targets, at });
      }
    }),
    noteOperation: assign(({ context, event }) =>
      'object' in event ? { failedOperations: withOperation(context.failedOperations, event) } : {},
    ),
    notePin: assign(({ event }) => ({ pinned: event.type === 'command.pin' ? event.name : null })),
    tellPin: enqueueActions(({ context: { actors, pinned, now }, enqueue }) => {
      for (const id of families.map(selectionActor)) {
        if (actors.has(id)) enqueue.sendTo(id, { type: 'pin.changed', pinned, at: now });
      }
    }),
    /** A failed child stays in the system until it is stopped. */
    setFailedAside: enqueueActions(({ context, event, enqueue }) => {
      if (!('actorId' in event) || !('error' in event)) return;
      const { actorId, error } = event;
      enqueue.stopChild(actorId);
      enqueue.assign(withFailure(context, actorId, error));
      enqueue.raise({ type: 'actor.restartDue', actorId }, { delay: 'restartBackOff' });
    }),
    restartFailed: enqueueActions(({ context, event, enqueue }) => {
      if (!('actorId' in event) || context.actors.has(event.actorId)) return;
      const id = event.actorId;
      const family = families.find((candidate) => selectionActor(candidate) === id);
      const index = [...context.uplinks.keys()].find((candidate) => interfaceActor(candidate) === id);
      const input = index === undefined ? null : interfaceInput(context, index);
      const departure = context.departures.get(id);
      if (family !== undefined) {
        const incumbent = context.selected[family]?.active?.index ?? null;
        enqueue.spawnChild('selection', { id, input: selectionInput(context, family, incumbent) });
        enqueue.assign({ actors: new Set(context.actors).add(id) });
      } else if (index !== undefined && input !== null) {
        enqueue.spawnChild('interface', { id, input });
        enqueue.assign(withInterfaceActor(context, index));
      } else if (departure !== undefined) {
        enqueue.spawnChild('departure', { id, input: departure.input });
        enqueue.assign({
          actors: new Set(context.actors).add(id),
          departures: withDepartures(context.departures, new Map([[id, { standing: null, stranded: null }]])),
        });
      }
    }),
    /** Tells what has gone wrong and what is well again. */
    reviewProblems: enqueueActions(({ context, enqueue }) => {
      const problems = problemsOf(context);
      const arisen = newProblems(context.problems, problems);
      const solved = newProblems(problems, context.problems);
      if (arisen.length + solved.length === 0) return;
      enqueue.assign({ problems });
      for (const problem of arisen) enqueue.emit({ type: 'problem', problem, at: context.now });
      for (const problem of solved) enqueue.emit({ type: 'problem.solved', problem, at: context.now });
    }),
    refreshIntent: assign(({ context }) => ({ intent: intentOf(context) })),
  },
}).createMachine({
  id: 'node',
  context: ({ input }) => initialContext(input),
  initial: 'observing',
  states: {
    observing: {
      on: { 'network.observed': { target: 'running', actions: ['noteTime', 'startSelections'] } },
    },
    running: {},
  },
  on: {
    'interface.found': [
      { guard: 'isIgnored', actions: ['noteTime', 'forgetInterface', 'noteFacts', 'reviewProblems', 'refreshIntent'] },
      // Also one that was there already: it has been created anew, and nothing of the old one holds.
      { actions: ['noteTime', 'forgetInterface', 'noteFacts', 'startInterface', 'reviewProblems', 'refreshIntent'] },
    ],
    'interface.changed': [
      { guard: 'isIgnoredAlready', actions: 'noteTime' },
      { guard: 'isSameUplink', actions: ['noteTime', 'noteFacts', 'forwardToInterface'] },
      { guard: 'isIgnored', actions: ['noteTime', 'forgetInterface', 'noteFacts', 'reviewProblems', 'refreshIntent'] },
      // Renamed, or something else than it seemed: a new one.
      { actions: ['noteTime', 'forgetInterface', 'noteFacts', 'startInterface', 'reviewProblems', 'refreshIntent'] },
    ],
    'interface.lost': { actions: ['noteTime', 'forgetInterface', 'reviewProblems', 'refreshIntent'] },
    'probe.finished': { actions: ['noteTime', 'forwardToInterface'] },
    'probe.answeredLate': { actions: ['noteTime', 'forwardToInterface'] },
    'target.blamed': { actions: ['noteTime', 'noteBlame', 'tellBlame', 'reviewProblems'] },
    'target.cleared': { actions: ['noteTime', 'noteBlame', 'tellBlame', 'reviewProblems'] },
    'uplink.remembered': { actions: ['noteTime', 'forwardToInterface'] },
    'node.resumed': { actions: ['noteTime', 'tellInterfaces'] },
    // A suspicion starts a burst of probes, which is not done here; it is never a verdict by itself.
    'uplink.suspected': { actions: 'noteTime' },
    'operation.failed': { actions: ['noteTime', 'noteOperation', 'reviewProblems'] },
    'operation.recovered': { actions: ['noteTime', 'noteOperation', 'reviewProblems'] },
    'command.pin': { actions: ['noteTime', 'notePin', 'tellPin', 'reviewProblems'] },
    'command.unpin': { actions: ['noteTime', 'notePin', 'tellPin', 'reviewProblems'] },
    'interface.updated': [
      {
        guard: 'changesStanding',
        actions: ['noteTime', 'noteView', 'noteCarrying', 'tellStandings', 'reviewProblems', 'refreshIntent'],
      },
      { actions: ['noteTime', 'noteView', 'tellStandings'] },
    ],
    'selection.changed': {
      actions: ['noteTime', 'noteSelection', 'noteDepartures', 'noteCarrying', 'tellStandings', 'refreshIntent'],
    },
    'departure.decided': { actions: ['noteTime', 'noteDeparture', 'refreshIntent'] },
    'xstate.error.actor.*': { actions: ['setFailedAside', 'reviewProblems'] },
    'actor.restartDue': { actions: ['restartFailed', 'tellStandings', 'reviewProblems', 'refreshIntent'] },
  },
});
