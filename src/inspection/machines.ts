/** Every machine there is, by the name of its chart. What draws, counts, traces and replays them takes them from here. */
import type { AnyStateMachine } from 'xstate';

import { departureMachine } from '../machines/departure/departure.machine.ts';
import { hotspotMachine } from '../machines/hotspot/hotspot.machine.ts';
import { interfaceMachine } from '../machines/interface/interface.machine.ts';
import { leaseMachine } from '../machines/lease/lease.machine.ts';
import { nodeMachine } from '../machines/node/node.machine.ts';
import { selectionMachine } from '../machines/selection/selection.machine.ts';
import { tetherMachine } from '../machines/tether/tether.machine.ts';
import type { MachineName } from '../model/trace.ts';

export const machines: Readonly<Record<MachineName, AnyStateMachine>> = {
  node: nodeMachine,
  interface: interfaceMachine,
  selection: selectionMachine,
  departure: departureMachine,
  hotspot: hotspotMachine,
  lease: leaseMachine,
  tether: tetherMachine,
};
