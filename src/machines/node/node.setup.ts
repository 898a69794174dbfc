/** What the root is made of: its types, children, delays and guards. Its actions are made of it, in a file for each subject. */
import { setup } from 'xstate';
import type { NodeEmission } from '../../model/events.ts';
import { classify } from '../interface/classification.decisions.ts';
import { departureMachine } from '../departure/departure.machine.ts';
import { hotspotMachine } from '../hotspot/hotspot.machine.ts';
import { interfaceMachine } from '../interface/interface.machine.ts';
import { leaseMachine } from '../lease/lease.machine.ts';
import type { NodeContext, NodeInput, NodeMachineEvent } from './node.context.ts';
import { isSameUplink, restartBackOff } from './node.decisions.ts';
import { selectionMachine } from '../selection/selection.machine.ts';
import { tetherMachine } from '../tether/tether.machine.ts';

export const nodeSetup = setup({
  types: {
    context: {} as NodeContext,
    events: {} as NodeMachineEvent,
    input: {} as NodeInput,
    emitted: {} as NodeEmission,
  },
  actors: {
    interface: interfaceMachine,
    selection: selectionMachine,
    departure: departureMachine,
    hotspot: hotspotMachine,
    lease: leaseMachine,
    tether: tetherMachine,
  },
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
});
