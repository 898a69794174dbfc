/** Every machine there is, by the name of its chart. What draws, counts, traces and replays them takes them from here. */
import type { AnyStateMachine } from 'xstate';

import { interfaceMachine } from '../machines/interface.machine.ts';
import { nodeMachine } from '../machines/node.machine.ts';
import { selectionMachine } from '../machines/selection.machine.ts';

/** The root first. */
export const machines: Readonly<Record<'node' | 'interface' | 'selection', AnyStateMachine>> = {
  node: nodeMachine,
  interface: interfaceMachine,
  selection: selectionMachine,
};

export type MachineName = keyof typeof machines;

export const machineNames = Object.keys(machines) as readonly MachineName[];
