/**
 * Finds what XState takes without a word: a delay nobody defined fires at once, a missing action is skipped, a state
 * that nothing leads to is never entered. (A target that does not exist makes `createMachine` throw.)
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

export function lintDefinition(machine: AnyStateMachine): readonly string[] {
  const { actions, guards, delays, actors } = machine.implementations;
  const problems: string[] = [];
  const used = { actions: new Set<string>(), guards: new Set<string>(), delays: new Set<string>() };
  const nodes = allNodes(machine.root);

  const check = (kind: keyof typeof used, known: object, reference: unknown, where: string): void => {
    const name = nameOf(reference);
    if (name === undefined) return;
    used[kind].add(name);
    if (!(name in known)) problems.push(`${where}: there is no ${kind.slice(0, -1)} called ${name}`);
  };

  for (const node of nodes) {
    const { initial, states } = node.config;
    if (typeof initial === 'string' && !(initial in (states ?? {}))) {
      problems.push(`${node.id}: its initial state ${initial} is none of its states`);
      continue;
    }
    if (states !== undefined && Object.keys(states).length > 0 && initial === undefined && node.type !== 'parallel') {
      problems.push(`${node.id}: it has no initial state`);
      continue;
    }
    for (const action of [...node.entry, ...node.exit]) check('actions', actions, action, node.id);
    for (const delay of Object.keys(node.config.after ?? {})) {
      if (Number.isNaN(Number(delay))) check('delays', delays, delay, node.id);
    }
    for (const invoke of node.invoke) {
      if (typeof invoke.src === 'string' && !(invoke.src in actors)) {
        problems.push(`${node.id}: there is no actor called ${invoke.src}`);
      }
    }
    for (const transition of transitionsOf(node)) {
      check('guards', guards, transition.guard, node.id);
      for (const action of transition.actions) check('actions', actions, action, node.id);
    }
  }
  for (const kind of ['actions', 'guards'] as const) {
    const known = kind === 'actions' ? actions : guards;
    for (const name of Object.keys(known)) {
      if (!used[kind].has(name)) problems.push(`${machine.id}: the ${kind.slice(0, -1)} ${name} is never used`);
    }
  }
  const reachable = reachableFrom(machine.root);
  for (const node of nodes) if (!reachable.has(node)) problems.push(`${node.id}: nothing leads there`);
  return problems;
}

const allNodes = (node: AnyStateNode): readonly AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child: AnyStateNode) => allNodes(child)),
];

/** The name of a reference to an implementation; undefined for one that is written in place. */
function nameOf(reference: unknown): string | undefined {
  if (typeof reference === 'string') return reference;
  if (typeof reference !== 'object' || reference === null || !('type' in reference)) return undefined;
  return typeof reference.type === 'string' && !reference.type.startsWith('xstate.') ? reference.type : undefined;
}

interface Edge {
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
  readonly target?: readonly AnyStateNode[] | undefined;
}

const transitionsOf = (node: AnyStateNode): readonly Edge[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];

function reachableFrom(root: AnyStateNode): ReadonlySet<AnyStateNode> {
  const seen = new Set<AnyStateNode>();
  const enter = (node: AnyStateNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.parent !== undefined) enter(node.parent);
    if (node.type === 'parallel') for (const child of Object.values<AnyStateNode>(node.states)) enter(child);
    const { initial } = node.config;
    const first = typeof initial === 'string' ? node.states[initial] : undefined;
    if (first !== undefined) enter(first);
    for (const { target } of transitionsOf(node)) for (const next of target ?? []) enter(next);
  };
  enter(root);
  return seen;
}
