/**
 * A statechart as plain data: what pictures are drawn from, paths are counted by, and traces refer to.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

export type StateKind = 'atomic' | 'compound' | 'parallel' | 'final' | 'history';

export interface ChartState {
  /** The whole path, with dots: `interface.lifecycle.up.steady`. */
  readonly id: string;
  /** The last part of it. */
  readonly name: string;
  /** Null for the root. */
  readonly parent: string | null;
  readonly kind: StateKind;
  /** The child that is entered first; null where there are none, or all are. */
  readonly initial: string | null;
  /** Names of actions. */
  readonly entry: readonly string[];
  readonly exit: readonly string[];
}

export interface ChartTransition {
  /** The same in every run: `interface.lifecycle.up|verdict.failed|0`. */
  readonly id: string;
  readonly source: string;
  /** Null for a delayed transition, and for one that waits for nothing. */
  readonly event: string | null;
  /** The name of the delay. */
  readonly delay: string | null;
  /** The name of the guard. */
  readonly guard: string | null;
  /** Names of actions. */
  readonly actions: readonly string[];
  /** None: the state stays as it is. */
  readonly targets: readonly string[];
  /** The source is left and entered anew though the target lies within it. */
  readonly isReentering: boolean;
}

export interface Chart {
  readonly id: string;
  /** Parents before children, in the order of the source. */
  readonly states: readonly ChartState[];
  readonly transitions: readonly ChartTransition[];
}

/** The chart of a machine. */
export function chartOf(machine: AnyStateMachine): Chart {
  const nodes = [machine.root, ...descendants(machine.root)];
  return {
    id: machine.id,
    states: nodes.map(stateOf),
    transitions: nodes.flatMap((node) => definitions(node).map(transitionOf)),
  };
}

/** The id of a transition in the chart: the same for the definition that a running actor tells of. */
export function transitionId(definition: AnyTransitionDefinition): string {
  const { source } = definition;
  const eventType = String(definition.eventType);
  const alternatives = definitionsOf(source, eventType);
  return `${source.id}|${eventType}|${alternatives.indexOf(definition)}`;
}

/** The name of a guard, also of one with parameters; null for none. */
export function guardName({ guard }: AnyTransitionDefinition): string | null {
  return guard === undefined ? null : nameOf(guard);
}

function descendants(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states).flatMap((child) => [child].concat(descendants(child)));
}

function definitions(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

function definitionsOf(node: AnyStateNode, eventType: string): readonly AnyTransitionDefinition[] {
  return eventType === '' ? (node.always ?? []) : (node.transitions.get(eventType) ?? []);
}

function stateOf(node: AnyStateNode): ChartState {
  return {
    id: node.id,
    name: node.key,
    parent: node.parent?.id ?? null,
    kind: node.type,
    initial: node.type === 'compound' ? (node.initial.target[0]?.id ?? null) : null,
    entry: actionNames(node.entry),
    exit: actionNames(node.exit),
  };
}

function transitionOf(definition: AnyTransitionDefinition): ChartTransition {
  const { source, target } = definition;
  const eventType = String(definition.eventType);
  const delay = source.after.find((delayed) => delayed.eventType === eventType)?.delay;
  return {
    id: transitionId(definition),
    source: source.id,
    event: delay === undefined && eventType !== '' ? eventType : null,
    delay: delay === undefined ? null : String(delay),
    guard: guardName(definition),
    actions: actionNames(definition.actions),
    targets: (target ?? []).map(({ id }) => id),
    isReentering: definition.reenter,
  };
}

/** Delays are started and cancelled by actions that have no name: they are no part of the picture. */
const actionNames = (actions: readonly unknown[]): string[] => actions.map(nameOf).filter((name) => name !== '');

function nameOf(named: unknown): string {
  if (typeof named === 'string') return named;
  if (typeof named === 'object' && named !== null && 'type' in named && typeof named.type === 'string') {
    return named.type;
  }
  return '';
}
