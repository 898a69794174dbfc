/**
 * Where the machines stand, written down, and gone on from.
 *
 * A checkpoint holds every actor's state and context and the delays that run. It holds no configuration: it refers to
 * the one at the head of the recording, where secrets are concealed.
 */
import { createActor, type ActorRefFrom, type AnyActorRef, type SnapshotFrom } from 'xstate';
import { nodeMachine } from '../machines/node/node.machine.ts';
import type { Config } from '../model/config.ts';
import type { Checkpoint, MachineTimers, RunningTimer } from '../model/recording.ts';
import { actorId, childKey } from './actor-id.ts';
import { decodeGraph, encodeGraph } from './object-graph.ts';
import { underConfig } from './other-config.ts';
import type { VirtualTimers } from './virtual-timers.ts';

export type NodeActor = ActorRefFrom<typeof nodeMachine>;

/**
 * Writes down where the machines stand. To be called between two events, never from within one.
 *
 * @throws Error when the timers are not those of the actor's clock
 */
export function checkpointOf(actor: NodeActor, timers: MachineTimers): Checkpoint {
  return {
    snapshot: encodeGraph(actor.getPersistedSnapshot(), actor.getSnapshot().context.config),
    timers: runningTimers(actor, timers),
    lastTimer: timers.lastTimer,
  };
}

/** What the actors have scheduled and what the clock has started are one list, in one order. */
function runningTimers(actor: NodeActor, { running }: MachineTimers): readonly RunningTimer[] {
  const { _scheduledEvents: events } = actor.system.getSnapshot();
  const scheduled = Object.values(events);
  if (scheduled.length !== running.length) {
    throw new Error(`the clock runs ${running.length} timers, the actors have ${scheduled.length}`);
  }
  return running.map(({ timer, startedAt, delay }, position) => {
    const { source, id, event } = scheduled[position] ?? nothingScheduled();
    return { timer, actor: actorId(source), id, event, startedAt, delay };
  });
}

const nothingScheduled = (): never => {
  throw new Error('a timer runs that no actor has started');
};

/** The configuration that the checkpoint's recording was made under, and the one to go on under. */
export interface Configs {
  readonly recorded: Config;
  readonly config: Config;
}

/**
 * Starts the machines where the checkpoint has them. Nothing is told or wanted anew by that.
 *
 * @throws TypeError when the checkpoint is none, or is one of other statecharts
 */
export function restoreActor(
  { recorded, config }: Configs,
  { snapshot, timers, lastTimer }: Checkpoint,
  clock: VirtualTimers,
): NodeActor {
  const decoded = decodeGraph(snapshot, recorded);
  const persisted = (config === recorded ? decoded : underConfig(decoded, config)) as SnapshotFrom<typeof nodeMachine>;
  const actor = createActor(nodeMachine, { input: { config }, snapshot: persisted, clock });
  const failed = [actor, ...children(actor)].find((one) => !isActive(one));
  if (failed !== undefined) throw new TypeError(`the checkpoint holds no state of ${actorId(failed)} that there is`);
  actor.start();
  for (const { timer, actor: id, id: name, event, startedAt, delay } of timers) {
    const source = id === actorId(actor) ? actor : actor.getSnapshot().children[childKey(id)];
    if (source === undefined) throw new TypeError(`the checkpoint holds a timer of ${id}, which is not there`);
    clock.resume(timer, startedAt, () => actor.system.scheduler.schedule(source, source, event, delay, name));
  }
  clock.countFrom(lastTimer);
  return actor;
}

const isActive = (actor: AnyActorRef): boolean => {
  const snapshot: unknown = actor.getSnapshot();
  return typeof snapshot === 'object' && snapshot !== null && 'status' in snapshot && snapshot.status === 'active';
};

const children = (actor: NodeActor): readonly AnyActorRef[] =>
  Object.values(actor.getSnapshot().children).filter((child) => child !== undefined);
