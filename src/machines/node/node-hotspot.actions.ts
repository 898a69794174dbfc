/** What the root does with the hotspot: its actor, what is told to it, and what it says. */
import { hotspotInput, surroundingsOf } from './hotspot-standing.decisions.ts';
import { hotspotActor } from '../hotspot/hotspot.decisions.ts';
import { withEntry } from '../map-entries.ts';
import { interfaceActor } from './node.decisions.ts';
import type { NodeContext } from './node.context.ts';
import { nodeSetup } from './node.setup.ts';
import { withheldBecause } from './withheld.decisions.ts';

export const hotspotActions = {
  /** The first one, and one in the place of one that failed. */
  startHotspot: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const { hotspot, actors } = context;
    const isOthers = 'actorId' in event && event.actorId !== hotspotActor;
    if (hotspot === null || isOthers || actors.has(hotspotActor)) return;
    const input = hotspotInput(context, hotspot);
    const { wayOut, isRadioUplink } = input;
    enqueue.spawnChild('hotspot', { id: hotspotActor, input });
    enqueue.assign({
      actors: new Set(actors).add(hotspotActor),
      hotspot: { ...hotspot, told: { wayOut, isRadioUplink } },
    });
    if (hotspot.view === null && hotspot.remembered !== null) enqueue.sendTo(hotspotActor, hotspot.remembered);
  }),
  /** What is said while there is no actor must not be lost. */
  noteHotspotFact: nodeSetup.assign(({ context: { hotspot }, event }) => {
    if (hotspot === null) return {};
    if (event.type === 'radio.changed') return { hotspot: { ...hotspot, radio: event.radio } };
    if (event.type === 'command.hotspot') return { hotspot: { ...hotspot, mode: event.mode } };
    return event.type === 'hotspot.remembered' ? { hotspot: { ...hotspot, remembered: event } } : {};
  }),
  forwardToHotspot: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (context.actors.has(hotspotActor)) enqueue.sendTo(hotspotActor, event);
  }),
  /** Whether there is a way out, and whether the radio may be one. */
  tellHotspot: nodeSetup.enqueueActions(({ context, enqueue }) => {
    const { hotspot, actors, now: at } = context;
    if (hotspot === null || !actors.has(hotspotActor)) return;
    const told = surroundingsOf(context, hotspot);
    if (told === hotspot.told) return;
    enqueue.assign({ hotspot: { ...hotspot, told } });
    enqueue.sendTo(hotspotActor, { type: 'surroundings.changed', ...told, at });
  }),
  noteHotspot: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const { hotspot } = context;
    if (hotspot === null || event.type !== 'hotspot.updated') return;
    const { view, at } = event;
    const from = hotspot.view?.state ?? 'inactive';
    const standing = { ...hotspot, view };
    enqueue.assign({ hotspot: standing });
    if (view.holdsRadio !== (hotspot.view?.holdsRadio ?? false)) {
      const { told, withheld } = radioStands({ ...context, hotspot: standing });
      enqueue.assign({ told });
      for (const [actor, because] of withheld) enqueue.sendTo(actor, { type: 'uplink.withheld', because, at });
    }
    if (from === view.state) return;
    enqueue.emit({ type: 'hotspot', from, to: view.state, because: view.because, at });
  }),
};

/** Whether the radio may be a way out, and the actor that is to know it. */
function radioStands(
  context: NodeContext,
): Pick<NodeContext, 'told'> & { readonly withheld: ReadonlyMap<string, string | null> } {
  const { uplinks, config, actors } = context;
  let { told } = context;
  const withheld = new Map<string, string | null>();
  for (const [index, { facts }] of uplinks) {
    if (facts.name !== config.hotspot.interface || !actors.has(interfaceActor(index))) continue;
    const because = withheldBecause(context, index);
    withheld.set(interfaceActor(index), because);
    const before = told.get(index);
    if (before !== undefined) told = withEntry(told, index, { ...before, withheld: because });
  }
  return { told, withheld };
}
