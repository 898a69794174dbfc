/** What the root does with interfaces: their actors, what is told to them, and what they say. */
import { families } from '../../model/family.ts';
import {
  blamedFor,
  indexOf,
  interfaceActor,
  interfaceInput,
  newClaims,
  selectionActor,
  withBlame,
  withFacts,
  withInterfaceActor,
  withSettledClaims,
  withoutInterface,
  withView,
} from './node.decisions.ts';
import { nodeSetup } from './node.setup.ts';

export const interfaceActions = {
  noteFacts: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (!('facts' in event)) return;
    const next = withFacts(context, event.facts);
    enqueue.assign(next);
    for (const { id, claims } of newClaims(context, next)) {
      enqueue.sendTo(id, { type: 'addresses.claimed', claims, at: event.at });
    }
  }),
  /** To be done when all that has changed is noted and told. */
  settleClaims: nodeSetup.enqueueActions(({ context, enqueue }) => {
    const next = withSettledClaims(context);
    enqueue.assign(next);
    for (const { id, claims } of newClaims(context, next)) {
      enqueue.sendTo(id, { type: 'addresses.claimed', claims, at: context.now });
    }
  }),
  startInterface: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const index = indexOf(event);
    const input = index === null ? null : interfaceInput(context, index);
    if (index === null || input === null) return;
    enqueue.spawnChild('interface', { id: interfaceActor(index), input });
    enqueue.assign(withInterfaceActor(context, index));
  }),
  forgetInterface: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const index = indexOf(event);
    if (index === null) return;
    const { now: at, actors } = context;
    const view = context.views.get(index);
    if (actors.has(interfaceActor(index))) enqueue.stopChild(interfaceActor(index));
    enqueue.assign(withoutInterface(context, index));
    if (view === undefined) return;
    for (const id of families.map(selectionActor)) {
      if (actors.has(id)) enqueue.sendTo(id, { type: 'contender.lost', index, at });
    }
    enqueue.emit({ type: 'state', index, name: view.name, from: view.lifecycle, to: null, at });
  }),
  forwardToInterface: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const index = indexOf(event);
    if (index !== null && context.actors.has(interfaceActor(index))) enqueue.sendTo(interfaceActor(index), event);
  }),
  tellInterfaces: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    for (const index of context.uplinks.keys()) {
      if (context.actors.has(interfaceActor(index))) enqueue.sendTo(interfaceActor(index), event);
    }
  }),
  noteView: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (event.type !== 'interface.updated' || !context.uplinks.has(event.index)) return;
    const { index, view, at } = event;
    const before = context.views.get(index);
    enqueue.assign(withView(context, index, view));
    if (before?.lifecycle !== view.lifecycle) {
      const { name, lifecycle: to } = view;
      enqueue.emit({ type: 'state', index, name, from: before?.lifecycle ?? null, to, at });
    }
    for (const family of families) {
      const contender = view.contenders[family];
      if (contender === before?.contenders[family] || !context.actors.has(selectionActor(family))) continue;
      enqueue.sendTo(selectionActor(family), { type: 'contender.changed', contender, at });
    }
  }),
  noteBlame: nodeSetup.assign(({ context, event }) =>
    'target' in event ? { blamed: withBlame(context.blamed, event) } : {},
  ),
  tellBlame: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (!('target' in event)) return;
    const { family, at } = event;
    for (const index of event.index === null ? context.uplinks.keys() : [event.index]) {
      if (!context.actors.has(interfaceActor(index))) continue;
      const targets = blamedFor(context.blamed, index, family);
      enqueue.sendTo(interfaceActor(index), { type: 'targets.blamed', family, targets, at });
    }
  }),
};
