/**
 * What the machines do, told while they do it: the same items of a running daemon and of a replay.
 *
 * One macrostep of one actor is one step. What an actor sends is taken by others before it has itself come to rest, so a
 * step keeps its place from when it begins: causes are told before what comes of them, and all is told when the last of
 * them has come to rest.
 */
import type { AnyTransitionDefinition, InspectionEvent } from 'xstate';
import type { TraceItem } from '../model/trace.ts';
import type { Instant } from '../model/units.ts';
import { actorId } from './actor-id.ts';
import {
  actorsUnder,
  isMachineActor,
  isMachineSnapshot,
  scheduledIn,
  viewOf,
  type MachineActor,
  type NodeActor,
} from './actor-view.ts';
import { detailOf, nameIn } from './event-detail.ts';
import {
  addTransitions,
  concernsTimers,
  Places,
  throwLater,
  unbornActor,
  type OpenStep,
  type Traced,
} from './trace-items.ts';

export type { NodeActor } from './actor-view.ts';

export interface TraceOptions {
  now(): Instant;
  /** An instant as ISO 8601 in UTC. */
  wallTime(at: Instant): string;
  /** A fault in telling never reaches the machines: it ends here, and the trace with it. Unless given, it is thrown later. */
  readonly onDefect?: (error: unknown) => void;
}

/** All actors as they stand now. */
export function actorsOf(
  root: NodeActor,
  { now, wallTime }: Pick<TraceOptions, 'now' | 'wallTime'>,
): Extract<TraceItem, { readonly type: 'actors' }> {
  const at = now();
  const actors = actorsUnder(root).map(({ actor, snapshot }) => viewOf(root, actor, snapshot));
  return { type: 'actors', at, wallTime: wallTime(at), actors };
}

/**
 * Tells how the actors stand, and from then on every step that they make. The root may have been started or not.
 * Returns the way to end it; nothing is left in the actors then.
 *
 * It is called within the machines' own turn: what takes long belongs into a later one.
 */
export function traceOf(root: NodeActor, options: TraceOptions, onItem: (item: TraceItem) => void): () => void {
  const tracer = new Tracer(root, options, onItem);
  const guarded =
    <T>(listen: (value: T) => void) =>
    (value: T): void => {
      try {
        listen(value);
      } catch (error) {
        end();
        (options.onDefect ?? throwLater)(error);
      }
    };
  const subscriptions = [
    root.system.inspect(guarded((event: InspectionEvent) => tracer.inspect(event))),
    root.on(
      '*',
      guarded((emission) => tracer.tell({ type: 'told', emission })),
    ),
    // The root has no parent that would be told of its failure.
    root.subscribe({ error: guarded(() => tracer.failRoot()) }),
  ];
  const end = (): void => {
    for (const subscription of subscriptions) subscription.unsubscribe();
  };
  guarded(() => tracer.begin())(null);
  return end;
}

class Tracer {
  readonly #root: NodeActor;
  readonly #options: TraceOptions;
  readonly #places: Places;
  readonly #traced = new WeakMap<MachineActor, Traced>();
  readonly #scheduled = () => scheduledIn(this.#root);
  #lastStep = 0;

  constructor(root: NodeActor, options: TraceOptions, onItem: (item: TraceItem) => void) {
    this.#root = root;
    this.#options = options;
    this.#places = new Places(onItem);
  }

  begin(): void {
    for (const { actor } of actorsUnder(this.#root)) this.#tracedOf(actor).phase = 'alive';
    this.#places.add(actorsOf(this.#root, this.#options));
  }

  inspect(inspected: InspectionEvent): void {
    const { actorRef } = inspected;
    if (!isMachineActor(actorRef)) return;
    const traced = this.#tracedOf(actorRef);
    if (inspected.type === '@xstate.event') {
      this.#noteArrival(traced, inspected.event, isMachineActor(inspected.sourceRef) ? inspected.sourceRef : null);
    } else if (inspected.type === '@xstate.microstep') {
      const { _transitions: transitions } = inspected;
      this.#noteMicrostep(traced, inspected.event, transitions);
    } else if (inspected.type === '@xstate.snapshot') {
      this.#settle(traced, inspected.event);
    } else if (inspected.type === '@xstate.action') {
      if (concernsTimers(inspected.action)) traced.lens.forgetTimers();
    }
  }

  tell(item: TraceItem): void {
    this.#places.add(item);
  }

  failRoot(): void {
    this.#fail(this.#tracedOf(this.#root));
    this.#places.closeAll();
  }

  #noteArrival(traced: Traced, event: { readonly type: string }, source: MachineActor | null): void {
    if (source !== null && event.type === `xstate.error.actor.${source.id}`) this.#fail(this.#tracedOf(source));
    const from = this.#originOf(traced, source);
    if (event.type === 'xstate.init') {
      traced.place = this.#places.open();
      if (traced.phase === 'unborn' && traced.initial.length > 0) {
        traced.step = this.#stepOf(traced, event, from);
        addTransitions(traced.step, traced.initial);
        traced.initial = [];
      }
    } else if (traced.phase !== 'ended') {
      if (from === 'delay') traced.lens.forgetTimers();
      traced.arrivals.push({ event, from });
    }
  }

  #originOf({ actor }: Traced, source: MachineActor | null): string {
    if (source === null) return 'outside';
    return source === actor ? 'delay' : actorId(source);
  }

  #noteMicrostep(traced: Traced, event: { readonly type: string }, transitions: AnyTransitionDefinition[]): void {
    if (traced.phase === 'unborn') traced.initial.push(...transitions);
    if (traced.phase !== 'alive' || event.type === 'xstate.stop') return;
    traced.step ??= this.#beginStep(traced, event);
    addTransitions(traced.step, transitions);
  }

  #beginStep(traced: Traced, event: { readonly type: string }): OpenStep {
    // None arrived where the trace began in the middle of it.
    const position = traced.arrivals.findIndex((arrival) => arrival.event === event);
    const from = traced.arrivals[position]?.from ?? 'outside';
    traced.arrivals.splice(0, position + 1);
    traced.place = this.#places.open();
    return this.#stepOf(traced, event, from);
  }

  /** Names are read before the event is taken: an interface that is lost has none any more. */
  #stepOf({ actor }: Traced, event: { readonly type: string }, from: string): OpenStep {
    const snapshots = [actor, this.#root].map((known) => known.getSnapshot());
    return {
      number: ++this.#lastStep,
      at: this.#options.now(),
      actor: actorId(actor),
      event: event.type,
      detail: detailOf(event, (index) => nameIn(snapshots, index)),
      from,
      transitions: [],
      guards: [],
    };
  }

  /** An actor has come to rest. */
  #settle(traced: Traced, event: { readonly type: string }): void {
    if (traced.phase === 'ended') return;
    if (event.type === 'xstate.stop') {
      this.#end(traced);
    } else if (event.type === 'xstate.init') {
      if (traced.phase === 'unborn') this.#introduce(traced);
      else if (traced.actor === this.#root) traced.place?.push(actorsOf(this.#root, this.#options));
    } else {
      traced.step ??= this.#beginStep(traced, event);
    }
    this.#closeStep(traced);
  }

  #introduce(traced: Traced): void {
    traced.phase = 'alive';
    const snapshot = traced.actor.getSnapshot();
    if (!isMachineSnapshot(snapshot)) return;
    const actor = traced.lens.look(snapshot, this.#scheduled);
    traced.place?.push({ type: 'actor.started', at: this.#options.now(), actor });
  }

  #closeStep(traced: Traced): void {
    const { step, place, actor } = traced;
    if (place === null) return;
    const snapshot = actor.getSnapshot();
    if (step !== null && isMachineSnapshot(snapshot)) {
      place.push({ type: 'step', step, actor: traced.lens.look(snapshot, this.#scheduled) });
    }
    traced.step = null;
    traced.place = null;
    this.#places.close();
  }

  /** An actor that fails does not come to rest; the event that it failed at is the one it took, or was about to. */
  #fail(traced: Traced): void {
    const isKnown = traced.phase === 'alive';
    const [next] = traced.arrivals;
    if (!isKnown) traced.step = null;
    else if (next !== undefined) traced.step ??= this.#beginStep(traced, next.event);
    traced.phase = 'ended';
    traced.lens.forgetTimers();
    this.#closeStep(traced);
    if (isKnown) this.#end(traced);
  }

  #end(traced: Traced): void {
    traced.phase = 'ended';
    traced.arrivals = [];
    this.tell({ type: 'actor.ended', at: this.#options.now(), id: actorId(traced.actor) });
  }

  #tracedOf(actor: MachineActor): Traced {
    const known = this.#traced.get(actor);
    if (known !== undefined) return known;
    const traced = unbornActor(actor);
    this.#traced.set(actor, traced);
    return traced;
  }
}
