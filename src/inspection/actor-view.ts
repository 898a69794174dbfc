/** One actor as it stands: its states, what runs in it, what it knows. The same whenever and however often one looks. */
import type { ActorRefFrom, AnyActorRef } from 'xstate';
import type { nodeMachine } from '../machines/node/node.machine.ts';
import { unlessSame } from '../machines/unless-same.ts';
import { machineNames, type ActorView, type TimerView } from '../model/trace.ts';
import { milliseconds } from '../model/units.ts';
import { actorId } from './actor-id.ts';
import { factsOf, labelOf, machineOf, waitOf, type MachineSnapshot } from './actor-facts.ts';

/** The root of the machines. */
export type NodeActor = ActorRefFrom<typeof nodeMachine>;

/** What all actors of the machines have in common. */
export interface MachineActor extends Pick<AnyActorRef, 'id' | 'sessionId' | '_parent'> {
  getSnapshot(): unknown;
}

/** A delayed event of the machines' scheduler. */
export interface Scheduled {
  readonly source: object;
  readonly event: { readonly type: string };
  readonly delay: number;
}

/** Every delayed event that waits in the system of these actors. */
export function scheduledIn({ system }: NodeActor): readonly Scheduled[] {
  const { _scheduledEvents: scheduled } = system.getSnapshot();
  return Object.values(scheduled);
}

/** Whether something can be told of an actor: XState's inspection speaks of their least common denominator. */
export const isMachineActor = (actor: object | undefined): actor is MachineActor =>
  actor !== undefined && 'id' in actor && typeof actor.id === 'string' && 'sessionId' in actor;

/** Whether a snapshot is of one of ours, and has a state: one that failed when it was made has none. */
export function isMachineSnapshot(snapshot: unknown): snapshot is MachineSnapshot {
  if (typeof snapshot !== 'object' || snapshot === null || !('machine' in snapshot)) return false;
  const { machine } = snapshot;
  return (
    typeof machine === 'object' &&
    machine !== null &&
    'id' in machine &&
    machineNames.some((name) => name === machine.id)
  );
}

/** How an actor stands. */
export const viewOf = (root: NodeActor, actor: MachineActor, snapshot: MachineSnapshot): ActorView =>
  new ActorLens(actor).look(snapshot, () => scheduledIn(root));

/** The root and all that it has started and that are there, the root first. */
export function actorsUnder(
  root: NodeActor,
): readonly { readonly actor: MachineActor; readonly snapshot: MachineSnapshot }[] {
  const { children } = root.getSnapshot();
  const actors: readonly (MachineActor | undefined)[] = [root, ...Object.values(children)];
  return actors.flatMap((actor) => {
    const snapshot = actor?.getSnapshot();
    const isThere = isMachineSnapshot(snapshot) && snapshot.status === 'active';
    return actor !== undefined && isThere ? [{ actor, snapshot }] : [];
  });
}

/** Looks at one actor again and again, and makes anew only what may be different. */
export class ActorLens {
  readonly #actor: MachineActor;
  #snapshot: MachineSnapshot | null = null;
  #nodes: MachineSnapshot['_nodes'] | null = null;
  /** The actor's own; null when they have to be looked for. */
  #scheduled: readonly Scheduled[] | null = null;
  #view: ActorView | null = null;

  constructor(actor: MachineActor) {
    this.#actor = actor;
  }

  /** A delay has been started, cancelled or is over. */
  forgetTimers(): void {
    this.#scheduled = null;
  }

  look(snapshot: MachineSnapshot, scheduled: () => readonly Scheduled[]): ActorView {
    const view = this.#view;
    if (view !== null && snapshot === this.#snapshot && this.#scheduled !== null) return view;
    this.#scheduled ??= scheduled().filter(({ source }) => source === this.#actor);
    const { context, _nodes: nodes } = snapshot;
    const next: ActorView = {
      id: actorId(this.#actor),
      machine: machineOf(context),
      label: labelOf(context),
      states: view !== null && this.#nodes === nodes ? view.states : statesOf(snapshot),
      timers: unlessAlike(view?.timers, this.#scheduled.length === 0 ? none : timersOf(snapshot, this.#scheduled)),
      facts:
        view !== null && this.#snapshot?.context === context ? view.facts : unlessAlike(view?.facts, factsOf(context)),
    };
    this.#snapshot = snapshot;
    this.#nodes = nodes;
    return (this.#view = next);
  }
}

const none: readonly TimerView[] = [];

/** A list that says the same as before stays the same object. */
const unlessAlike = <T extends object>(before: readonly T[] | undefined, now: readonly T[]): readonly T[] =>
  before?.length === now.length && now.every((item, position) => unlessSame(before[position], item) !== item)
    ? before
    : now;

/** In the order of the source, in which parents stand before their children. */
const statesOf = ({ _nodes: nodes }: MachineSnapshot): readonly string[] =>
  nodes.toSorted((a, b) => a.order - b.order).map(({ id }) => id);

function timersOf({ context, _nodes: nodes }: MachineSnapshot, scheduled: readonly Scheduled[]): readonly TimerView[] {
  return scheduled.flatMap(({ event, delay }) => {
    const state = [...nodes].find(({ after }) => after.some(({ eventType }) => eventType === event.type));
    const after = state?.after.find(({ eventType }) => eventType === event.type);
    const duration = milliseconds(delay);
    const wait = waitOf(context, {
      type: event.type,
      delay: after === undefined ? null : String(after.delay),
      duration,
      actorId: 'actorId' in event && typeof event.actorId === 'string' ? event.actorId : null,
    });
    return wait === null ? [] : [{ ...wait, duration, state: state?.id ?? null }];
  });
}
