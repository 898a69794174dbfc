/** The parts that a trace is put together from. */
import type { AnyTransitionDefinition } from 'xstate';
import type { Step, TraceItem } from '../model/trace.ts';
import { ActorLens, type MachineActor } from './actor-view.ts';
import { guardName, transitionId } from './chart.ts';

/** A step that is being made. */
export interface OpenStep extends Step {
  readonly transitions: string[];
  readonly guards: string[];
}

/** Where in the order of a trace an actor's items stand. */
export type Place = TraceItem[];

/** An actor that is traced. */
export interface Traced {
  readonly actor: MachineActor;
  readonly lens: ActorLens;
  phase: 'unborn' | 'alive' | 'ended';
  /** What has been sent to it and not been taken yet. */
  arrivals: { readonly event: { readonly type: string }; readonly from: string }[];
  /** What it does now. */
  place: Place | null;
  step: OpenStep | null;
  /** The transitions that it made while it was created. */
  initial: AnyTransitionDefinition[];
}

export const unbornActor = (actor: MachineActor): Traced => ({
  actor,
  lens: new ActorLens(actor),
  phase: 'unborn',
  arrivals: [],
  place: null,
  step: null,
  initial: [],
});

/** Keeps items in the order in which what they tell of began, until everything has come to rest. */
export class Places {
  readonly #onItem: (item: TraceItem) => void;
  #places: Place[] = [];
  #open = 0;

  constructor(onItem: (item: TraceItem) => void) {
    this.#onItem = onItem;
  }

  open(): Place {
    const place: Place = [];
    this.#places.push(place);
    this.#open++;
    return place;
  }

  close(): void {
    this.#open--;
    this.#tellIfAtRest();
  }

  add(item: TraceItem): void {
    this.#places.push([item]);
    this.#tellIfAtRest();
  }

  /** Nothing comes to rest any more. */
  closeAll(): void {
    this.#open = 0;
    this.#tellIfAtRest();
  }

  #tellIfAtRest(): void {
    if (this.#open > 0) return;
    const places = this.#places;
    this.#places = [];
    for (const place of places) for (const item of place) this.#onItem(item);
  }
}

interface Named {
  readonly id: string;
  readonly guard: string | null;
}

const named = new WeakMap<AnyTransitionDefinition, Named>();

/** Adds what a microstep did to its step. */
export function addTransitions(step: OpenStep, transitions: readonly AnyTransitionDefinition[]): void {
  for (const definition of transitions) {
    let known = named.get(definition);
    if (known === undefined) {
      known = { id: transitionId(definition), guard: guardName(definition) };
      named.set(definition, known);
    }
    step.transitions.push(known.id);
    if (known.guard !== null) step.guards.push(known.guard);
  }
}

/** Whether an action starts or cancels a delay: it is a raised event that waits. */
export const concernsTimers = ({ type, params }: { readonly type: string; readonly params: unknown }): boolean =>
  type === 'xstate.cancel' ||
  (type === 'xstate.raise' &&
    typeof params === 'object' &&
    params !== null &&
    'delay' in params &&
    typeof params.delay === 'number');

/** Leaves an error that nobody here can handle to the process. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error instanceof Error ? error : new Error(String(error));
  });
}
