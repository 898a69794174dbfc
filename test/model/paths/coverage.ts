/** What of a machine has been seen to happen, in real actors. */
import {
  getStateNodes,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type InspectionEvent,
  type StateValue,
} from 'xstate';
import { transitionId } from '../../../src/inspection/chart.ts';
import { cancelledId, delayedEvent } from './timed-logic.ts';

export class Coverage {
  readonly machine: AnyStateMachine;
  /** The machine, with guards that tell what they said. */
  readonly observed: AnyStateMachine;
  readonly transitions = new Set<string>();
  readonly states = new Set<string>();
  /** `guard on event: true`. */
  readonly guards = new Set<string>();
  /** The types of the events of delays that ended, and of those that were called off. */
  readonly fired = new Set<string>();
  readonly cancelled = new Set<string>();
  paths = 0;
  steps = 0;
  situations = 0;

  constructor(machine: AnyStateMachine) {
    this.machine = machine;
    this.observed = machine.provide({ guards: this.#telling(machine.implementations.guards) });
  }

  enter(snapshot: AnyMachineSnapshot): void {
    for (const { id } of getStateNodes(this.machine.root, snapshot.value as StateValue)) this.states.add(id);
  }

  take({ _transitions: taken }: Extract<InspectionEvent, { type: '@xstate.microstep' }>): void {
    for (const definition of taken) this.transitions.add(transitionId(definition));
  }

  #telling(guards: AnyStateMachine['implementations']['guards']): typeof guards {
    const telling: typeof guards = {};
    for (const [name, guard] of Object.entries(guards)) {
      if (typeof guard !== 'function') continue;
      telling[name] = (args, params) => {
        const holds = guard(args, params);
        const { type } = args.event as AnyEventObject;
        this.guards.add(guardOutcome(name, type.startsWith('xstate.after.') ? 'its delay' : type, holds));
        return holds;
      };
    }
    return telling;
  }
}

export const guardOutcome = (guard: string, event: string, holds: boolean): string => `${guard} on ${event}: ${holds}`;

/** The timers of one actor, as its inspection tells of them. */
export class TimerWatch {
  readonly #coverage: Coverage;
  readonly #running = new Map<unknown, { readonly event: object; readonly type: string; readonly dueAt: number }>();
  #unnamed = 0;

  constructor(coverage: Coverage) {
    this.#coverage = coverage;
  }

  get running(): readonly { readonly event: string; readonly dueAt: number }[] {
    return [...this.#running.values()].map(({ type, dueAt }) => ({ event: type, dueAt }));
  }

  act({ type, params }: { readonly type: string; readonly params: unknown }, now: number): void {
    if (type === 'xstate.cancel') {
      const timer = this.#running.get(cancelledId(params));
      if (timer === undefined) return;
      this.#coverage.cancelled.add(timer.type);
      this.#running.delete(cancelledId(params));
    } else if (type === 'xstate.raise') {
      const started = delayedEvent(params);
      if (started === null) return;
      const { event, delay } = started;
      const id = started.id ?? `unnamed ${++this.#unnamed}`;
      this.#running.set(id, { event, type: event.type, dueAt: now + delay });
    }
  }

  /** An event came. The one of a timer is the very object that the timer was started with. */
  receive(event: object): void {
    for (const [id, timer] of this.#running) {
      if (timer.event !== event) continue;
      this.#coverage.fired.add(timer.type);
      this.#running.delete(id);
      return;
    }
  }
}
