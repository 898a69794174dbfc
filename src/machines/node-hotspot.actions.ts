/** What the root does with the hotspot: its actor, what is told to it, and what it says. */
import { hotspotInput, surroundingsOf } from './hotspot-standing.decisions.ts';
import { hotspotActor } from './hotspot.decisions.ts';
import { nodeSetup } from './node.setup.ts';

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
  noteHotspot: nodeSetup.enqueueActions(({ context: { hotspot }, event, enqueue }) => {
    if (hotspot === null || event.type !== 'hotspot.updated') return;
    const { view, at } = event;
    const from = hotspot.view?.state ?? 'inactive';
    enqueue.assign({ hotspot: { ...hotspot, view } });
    if (from === view.state) return;
    enqueue.emit({ type: 'hotspot', from, to: view.state, because: view.because, at });
  }),
};
