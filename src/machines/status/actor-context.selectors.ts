/** What the children of the node know, by what they are about. */
import type { SnapshotFrom } from 'xstate';
import type { Family } from '../../model/family.ts';
import type { InterfaceContext } from '../interface/interface.context.ts';
import { interfaceActor, selectionActor } from '../node/node.decisions.ts';
import type { nodeMachine } from '../node/node.machine.ts';
import type { SelectionContext } from '../selection/selection.context.ts';

export type NodeSnapshot = SnapshotFrom<typeof nodeMachine>;

/** What an interface's actor knows; null while it is being started again. */
export function interfaceContextOf({ children }: NodeSnapshot, index: number): InterfaceContext | null {
  const context = children[interfaceActor(index)]?.getSnapshot().context;
  return context !== undefined && 'gateways' in context ? context : null;
}

/** What the actor of a family knows; null before there is one, and while it is being started again. */
export function selectionContextOf({ children }: NodeSnapshot, family: Family): SelectionContext | null {
  const context = children[selectionActor(family)]?.getSnapshot().context;
  return context !== undefined && 'contenders' in context ? context : null;
}
