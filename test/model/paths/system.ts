/** The root with its real children, all of them inspected: who says what to whom, and what each waits for. */
import {
  createActor,
  type ActorRefLike,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type InspectionEvent,
  type SnapshotFrom,
} from 'xstate';
import { departureMachine } from '../../../src/machines/departure/departure.machine.ts';
import { hotspotMachine } from '../../../src/machines/hotspot/hotspot.machine.ts';
import { interfaceMachine } from '../../../src/machines/interface/interface.machine.ts';
import { leaseMachine } from '../../../src/machines/lease/lease.machine.ts';
import { nodeMachine } from '../../../src/machines/node/node.machine.ts';
import { selectionMachine } from '../../../src/machines/selection/selection.machine.ts';
import { tetherMachine } from '../../../src/machines/tether/tether.machine.ts';
import type { Config } from '../../../src/model/config.ts';
import type { NodeEvent } from '../../../src/model/events.ts';
import { DiscreteClock } from '../../fakes/discrete-clock.ts';
import { Coverage, TimerWatch } from './coverage.ts';
import type { Sight } from './world.ts';

export type NodeSnapshot = SnapshotFrom<typeof nodeMachine>;

/** What has been seen of whole systems. */
export class SystemCoverage {
  readonly machines = {
    node: new Coverage(nodeMachine),
    interface: new Coverage(interfaceMachine),
    selection: new Coverage(selectionMachine),
    departure: new Coverage(departureMachine),
    hotspot: new Coverage(hotspotMachine),
    lease: new Coverage(leaseMachine),
    tether: new Coverage(tetherMachine),
  };
  /** `interface → node: interface.updated`. */
  readonly messages = new Set<string>();
  /** The id of the actor that fails at whatever comes to it. */
  broken: string | null = null;
  /** The root, with children that can be broken: made once, for there are thousands of systems. */
  readonly root = this.machines.node.observed.provide({
    actors: {
      interface: this.#breakable(this.machines.interface.observed),
      selection: this.#breakable(this.machines.selection.observed),
      departure: this.#breakable(this.machines.departure.observed),
      hotspot: this.#breakable(this.machines.hotspot.observed),
      lease: this.#breakable(this.machines.lease.observed),
      tether: this.#breakable(this.machines.tether.observed),
    },
  });

  #breakable<T extends AnyActorLogic>(logic: T): T {
    const transition: AnyActorLogic['transition'] = (snapshot, event, scope) => {
      if (scope.id === this.broken) throw new Error('broken on purpose');
      return logic.transition(snapshot, event, scope) as SnapshotFrom<T>;
    };
    return Object.assign(Object.create(logic) as T, { transition });
  }
}

interface Watched {
  readonly timers: TimerWatch;
  readonly told: unknown[];
}

export class System {
  readonly clock = new DiscreteClock();
  readonly coverage: SystemCoverage;
  readonly #root: AnyActorRef;
  readonly #watched = new Map<ActorRefLike, Watched>();
  readonly #errors: unknown[] = [];

  constructor(config: Config, coverage: SystemCoverage) {
    this.coverage = coverage;
    const inspect = (event: InspectionEvent): void => this.#inspect(event);
    const root = createActor(coverage.root, { input: { config }, clock: this.clock, inspect, id: 'node' });
    this.#root = root;
    root.on('*', (emission) => this.#watch(root).told.push(emission));
    root.subscribe({ error: (error: unknown) => this.#errors.push(error) });
    root.start();
  }

  get snapshot(): NodeSnapshot {
    return this.#root.getSnapshot() as NodeSnapshot;
  }

  send(event: NodeEvent): void {
    this.#root.send(event);
    if (this.#errors.length > 0) throw this.#errors[0];
  }

  /** Lets an actor fail at what comes to it with this event. */
  breakWith(actorId: string, event: NodeEvent): void {
    this.coverage.broken = actorId;
    this.send(event);
    this.coverage.broken = null;
  }

  /** The root and its children as they stand. */
  get sights(): readonly { readonly id: string; readonly sight: Sight<AnyMachineSnapshot> }[] {
    const children = Object.entries(this.snapshot.children).flatMap(([id, actor]) =>
      actor === undefined ? [] : [{ id, sight: this.#sightOf(actor) }],
    );
    return [{ id: 'node', sight: this.#sightOf(this.#root) }, ...children];
  }

  #sightOf(actor: AnyActorRef): Sight<AnyMachineSnapshot> {
    const { timers, told } = this.#watch(actor);
    const snapshot = actor.getSnapshot() as AnyMachineSnapshot;
    return { snapshot, before: null, now: this.clock.now(), timers: timers.running, told };
  }

  #watch(actor: ActorRefLike): Watched {
    const watched = this.#watched.get(actor) ?? { timers: new TimerWatch(this.#machineOf(actor)), told: [] };
    this.#watched.set(actor, watched);
    return watched;
  }

  #machineOf(actor: ActorRefLike): Coverage {
    return this.coverage.machines[roleOf(actor)];
  }

  #inspect(inspected: InspectionEvent): void {
    const { actorRef } = inspected;
    if (inspected.type === '@xstate.microstep') {
      this.#machineOf(actorRef).take(inspected);
      this.#machineOf(actorRef).enter(inspected.snapshot as AnyMachineSnapshot);
    } else if (inspected.type === '@xstate.action') {
      this.#watch(actorRef).timers.act(inspected.action, this.clock.now());
    } else if (inspected.type === '@xstate.event') {
      this.#watch(actorRef).timers.receive(inspected.event);
      const { sourceRef, event } = inspected;
      if (sourceRef === undefined || sourceRef === actorRef) return;
      this.#watch(sourceRef).told.push(event);
      this.coverage.messages.add(messageOf(sourceRef, actorRef, event));
    }
  }
}

type Role = keyof SystemCoverage['machines'];

/** Children are called after what they are: `interface 2`, `selection ipv4`, `departure ipv4-2`, `lease 5`, `hotspot`. */
function roleOf(actor: ActorRefLike): Role {
  const { id } = actor as AnyActorRef;
  const kinds = ['interface', 'selection', 'departure', 'hotspot', 'lease', 'tether'] as const;
  return kinds.find((kind) => id.split(' ')[0] === kind) ?? 'node';
}

const messageOf = (from: ActorRefLike, to: ActorRefLike, { type }: AnyEventObject): string =>
  `${roleOf(from)} → ${roleOf(to)}: ${type.replace(/^(xstate\.error\.actor)\..*$/u, '$1.*')}`;
