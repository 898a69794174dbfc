/** What the root keeps of its own: the time, what is wrong, what is wanted, and actors that fail. */
import { families } from '../../model/family.ts';
import { later, latest } from '../../model/units.ts';
import { withDepartures } from './departure-standing.decisions.ts';
import { intentOf } from './intent.decisions.ts';
import {
  interfaceActor,
  interfaceInput,
  restartBackOff,
  selectionActor,
  selectionInput,
  withFailure,
  withInterfaceActor,
  withOperation,
} from './node.decisions.ts';
import { nodeSetup } from './node.setup.ts';
import { newProblems, problemsOf } from './problem.decisions.ts';

export const upkeepActions = {
  noteTime: nodeSetup.assign(({ context, event }) => ({ now: 'at' in event ? event.at : context.now })),
  noteOperation: nodeSetup.assign(({ context, event }) =>
    'object' in event ? { failedOperations: withOperation(context.failedOperations, event) } : {},
  ),
  /** A failed child stays in the system until it is stopped. */
  setFailedAside: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (!('actorId' in event) || !('error' in event)) return;
    const { actorId, error } = event;
    enqueue.stopChild(actorId);
    enqueue.assign(withFailure(context, actorId, error));
    enqueue.raise({ type: 'actor.restartDue', actorId }, { delay: 'restartBackOff' });
  }),
  /** A deadline carries no instant of its own: it is the one that was set. */
  reachRestart: nodeSetup.assign(({ context: { failures, now }, event }) => {
    const failure = 'actorId' in event ? failures.get(event.actorId) : undefined;
    return failure === undefined ? {} : { now: latest(now, later(failure.at, restartBackOff(failure))) };
  }),
  restartFailed: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
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
  reviewProblems: nodeSetup.enqueueActions(({ context, enqueue }) => {
    const problems = problemsOf(context);
    const arisen = newProblems(context.problems, problems);
    const solved = newProblems(problems, context.problems);
    if (arisen.length + solved.length === 0) return;
    enqueue.assign({ problems });
    for (const problem of arisen) enqueue.emit({ type: 'problem', problem, at: context.now });
    for (const problem of solved) enqueue.emit({ type: 'problem.solved', problem, at: context.now });
  }),
  refreshIntent: nodeSetup.assign(({ context }) => ({ intent: intentOf(context) })),
};
