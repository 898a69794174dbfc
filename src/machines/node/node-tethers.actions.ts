/** What the root does with leases and tethers: their actors, and what these and the interfaces are told of each other. */
import { leaseActor } from '../lease/lease.decisions.ts';
import { withEntry } from '../map-entries.ts';
import { indexOf, interfaceActor } from './node.decisions.ts';
import type { NodeContext } from './node.context.ts';
import { nodeSetup } from './node.setup.ts';
import { tetherActor } from '../tether/tether.decisions.ts';
import { leaseInput, tetherInput, toBeTold, toldAtFirst, withoutTether } from './tether-standing.decisions.ts';

export const tetherActions = {
  /** To be done before the interface's own actor is started: it says first what is known of its lease and its tether. */
  startTether: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const index = indexOf(event);
    if (index === null) return;
    const [lease, tether] = [leaseInput(context, index), tetherInput(context, index)];
    if (lease === null && tether === null) return;
    const actors = new Set(context.actors);
    if (tether !== null) enqueue.spawnChild('tether', { id: tetherActor(index), input: tether });
    if (tether !== null) actors.add(tetherActor(index));
    if (lease !== null) enqueue.spawnChild('lease', { id: leaseActor(index), input: lease });
    if (lease !== null) actors.add(leaseActor(index));
    enqueue.assign({ actors, told: withEntry(context.told, index, toldAtFirst(context, index)) });
  }),
  /** To be done before the interface itself is forgotten. */
  forgetTether: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const index = indexOf(event);
    if (index === null) return;
    const ids = [tetherActor(index), leaseActor(index)];
    if (!context.told.has(index) && !ids.some((id) => context.failures.has(id))) return;
    for (const id of ids) if (context.actors.has(id)) enqueue.stopChild(id);
    enqueue.assign(withoutTether(context, index));
  }),
  forwardToTether: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const index = indexOf(event);
    if (index === null || !context.actors.has(tetherActor(index))) return;
    const isOfOldPath = 'path' in event && context.ways.get(index)?.pathIds[event.family] !== event.path;
    if (!isOfOldPath) enqueue.sendTo(tetherActor(index), event);
  }),
  forwardToLease: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const index = indexOf(event);
    if (index !== null && context.actors.has(leaseActor(index))) enqueue.sendTo(leaseActor(index), event);
  }),
  tellLeases: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    for (const index of context.told.keys()) {
      if (context.actors.has(leaseActor(index))) enqueue.sendTo(leaseActor(index), event);
    }
  }),
  noteLease: nodeSetup.assign(({ context, event }) => {
    if (event.type !== 'lease.updated' || !context.actors.has(leaseActor(event.index))) return {};
    const { index, view } = event;
    return {
      leases: withEntry(context.leases, index, view),
      requests: Math.max(context.requests, view.intent?.request ?? 0),
    };
  }),
  noteTether: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (event.type !== 'tether.updated' || !context.actors.has(tetherActor(event.index))) return;
    const { index, view, at } = event;
    const before = context.tethers.get(index);
    enqueue.assign({ tethers: withEntry(context.tethers, index, view) });
    if (before?.state === view.state) return;
    const { state: to, because } = view;
    const name = nameOf(context, index);
    enqueue.emit({ type: 'tether', index, name, from: before?.state ?? null, to, because, at });
  }),
  /** One that failed goes on with what is known: a lease is held on to, and asked for anew. */
  restartTether: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    if (event.type !== 'actor.restartDue' || context.actors.has(event.actorId)) return;
    const { actorId: id } = event;
    const [index, told] = [...context.told].find(([one]) => [leaseActor(one), tetherActor(one)].includes(id)) ?? [];
    if (index === undefined || told === undefined) return;
    const { now: at } = context;
    const input = id === leaseActor(index) ? leaseInput(context, index) : null;
    const tether = id === tetherActor(index) ? tetherInput(context, index) : null;
    if (input !== null) {
      enqueue.spawnChild('lease', { id, input });
      if (told.lease !== null) enqueue.sendTo(id, { type: 'lease.remembered', index, lease: told.lease, at });
      enqueue.sendTo(id, { type: 'way.judged', verdict: told.verdict, at });
    } else if (tether !== null) {
      enqueue.spawnChild('tether', { id, input: tether });
    }
    enqueue.assign({ actors: new Set(context.actors).add(id) });
  }),
  /** Tells the actors of an interface what is different of each other. */
  tellEachOther: nodeSetup.enqueueActions(({ context, event, enqueue }) => {
    const index = indexOf(event);
    const before = index === null ? undefined : context.told.get(index);
    if (index === null || before === undefined) return;
    const now = toBeTold(context, index);
    if (now === before) return;
    const { now: at, actors } = context;
    enqueue.assign({ told: withEntry(context.told, index, now) });
    const [uplink, lease, tether] = [interfaceActor(index), leaseActor(index), tetherActor(index)];
    if (actors.has(uplink)) {
      if (now.lease !== before.lease) enqueue.sendTo(uplink, { type: 'lease.changed', lease: now.lease, at });
      if (now.withheld !== before.withheld) {
        enqueue.sendTo(uplink, { type: 'uplink.withheld', because: now.withheld, at });
      }
    }
    if (now.verdict !== before.verdict && actors.has(lease)) {
      enqueue.sendTo(lease, { type: 'way.judged', verdict: now.verdict, at });
    }
    if (now.standing !== before.standing && actors.has(tether)) {
      enqueue.sendTo(tether, { type: 'tether.stands', ...now.standing, at });
    }
  }),
};

const nameOf = ({ uplinks }: NodeContext, index: number): string =>
  uplinks.get(index)?.facts.name ?? `interface ${index}`;
