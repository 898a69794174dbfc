/** What the root does with what is chosen in each family, and with the uplinks that are left by that. */
import { families, perFamily } from '../../model/family.ts';
import {
  carryingOf,
  departureActor,
  farewellOf,
  newStandings,
  withDepartures,
  withFarewell,
} from './departure-standing.decisions.ts';
import { selectionActor, selectionInput, switchOf } from './node.decisions.ts';
import { nodeSetup } from './node.setup.ts';
import { unlessSame } from '../unless-same.ts';

export const selectionActions = {
  startSelections: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (event.type !== 'network.observed') return;
    for (const family of families) {
      const input = selectionInput(context, family, event.incumbents[family]);
      enqueue.spawnChild('selection', { id: selectionActor(family), input });
    }
    enqueue.assign({ actors: new Set([...context.actors, ...families.map(selectionActor)]) });
  }),
  noteSelection: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (event.type !== 'selection.changed') return;
    const { family, active, ranking, at } = event;
    const before = context.selected[family]?.active ?? null;
    enqueue.assign({ selected: { ...context.selected, [family]: { active, ranking } } });
    // To go on with what the kernel used already is no switch.
    if (active?.index === before?.index || active?.rule === 'incumbent') return;
    enqueue.emit({ type: 'switch', switch: switchOf(event, before), at });
  }),
  /** Whose flows still use an uplink that is not active any more. */
  noteDepartures: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (event.type !== 'selection.changed') return;
    const farewell = farewellOf(context, event.family);
    const { over, left } = farewell;
    if (over.length === 0 && left === null) return;
    for (const id of over) enqueue.stopChild(id);
    enqueue.assign(withFarewell(context, farewell));
    if (left !== null) {
      enqueue.spawnChild('departure', { id: departureActor(left.index, left.family), input: left });
    }
  }),
  noteCarrying: nodeSetup.assign(({ context }) => ({
    carrying: unlessSame(
      context.carrying,
      perFamily((family) => carryingOf(context, family)),
    ),
  })),
  tellStandings: nodeSetup.enqueueActions(({ context, enqueue }) => {
    const changed = newStandings(context);
    if (changed.size === 0) return;
    const told = new Map([...changed].map(([id, standing]) => [id, { standing }]));
    enqueue.assign({ departures: withDepartures(context.departures, told) });
    for (const [id, standing] of changed) {
      enqueue.sendTo(id, { type: 'standing.changed', ...standing, at: context.now });
    }
  }),
  noteDeparture: nodeSetup.assign(({ context, event }) => {
    if (event.type !== 'departure.decided') return {};
    const { index, family, stranded } = event;
    return {
      departures: withDepartures(context.departures, new Map([[departureActor(index, family), { stranded }]])),
    };
  }),
  notePin: nodeSetup.assign(({ event }) => ({ pinned: event.type === 'command.pin' ? event.name : null })),
  tellPin: nodeSetup.enqueueActions(({ context: { actors, pinned, now }, enqueue }) => {
    for (const id of families.map(selectionActor)) {
      if (actors.has(id)) enqueue.sendTo(id, { type: 'pin.changed', pinned, at: now });
    }
  }),
};
