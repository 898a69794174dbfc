import type { ActorView, Step, TraceItem } from '../../../../src/model/trace.ts';

/** Between two keyframes no more than this many items have to be applied to know how things stood. */
const keyframeEvery = 256;

/** Brings the actors to how they stand after an item. */
export function apply(actors: Map<string, ActorView>, item: TraceItem): void {
  if (item.type === 'actors') {
    actors.clear();
    for (const actor of item.actors) actors.set(actor.id, actor);
  } else if (item.type === 'actor.ended') {
    actors.delete(item.id);
  } else if (item.type !== 'told') {
    actors.set(item.actor.id, item.actor);
  }
}

/** When an item was, on the machines' own clock. */
export function atOf(item: TraceItem): number {
  if (item.type === 'step') return item.step.at;
  return item.type === 'told' ? item.emission.at : item.at;
}

/**
 * All items in order, and how the actors stood after any of them.
 *
 * A position counts items from the very first: at position n the items before n have happened. Where `limit` is given,
 * the oldest are let go; positions stay what they were.
 */
export class History {
  readonly #limit: number;
  #first = 0;
  #items: TraceItem[] = [];
  /** Wall time of each, in milliseconds since 1970; never falling, also where the clock was set back. */
  #times: number[] = [];
  #keyframes: { readonly position: number; readonly actors: readonly ActorView[] }[] = [];
  readonly #latest = new Map<string, ActorView>();
  /** Of each actor, at which positions it moved. */
  readonly #moves = new Map<string, number[]>();
  #offset = 0;

  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  /** The lowest position that is still known. */
  get first(): number {
    return this.#first;
  }

  /** The position after the last item. */
  get end(): number {
    return this.#first + this.#items.length;
  }

  append(item: TraceItem): void {
    if (this.#items.length % keyframeEvery === 0) {
      this.#keyframes.push({ position: this.end, actors: [...this.#latest.values()] });
    }
    if (item.type === 'actors') this.#offset = Date.parse(item.wallTime) - item.at;
    this.#times.push(Math.max(this.#times.at(-1) ?? 0, atOf(item) + this.#offset));
    if (item.type === 'step' && isMove(this.#latest.get(item.actor.id), item.actor)) {
      const moves = this.#moves.get(item.actor.id);
      if (moves === undefined) this.#moves.set(item.actor.id, [this.end]);
      else moves.push(this.end);
    }
    this.#items.push(item);
    apply(this.#latest, item);
    if (this.#items.length > this.#limit + 16 * keyframeEvery) this.#letGo(16 * keyframeEvery);
  }

  item(position: number): TraceItem | undefined {
    return this.#items[position - this.#first];
  }

  /** Wall time of the item at a position; of the nearest that there is. NaN when there is none at all. */
  timeOf(position: number): number {
    const index = Math.min(Math.max(position - this.#first, 0), this.#times.length - 1);
    return this.#times[index] ?? Number.NaN;
  }

  /** Whether the item at a position is a step that brought its actor to another state, or had it wait anew. */
  isMove(position: number): boolean {
    const item = this.item(position);
    if (item?.type !== 'step') return false;
    const moves = this.#moves.get(item.actor.id) ?? [];
    return moves[firstFrom(moves, position)] === position;
  }

  /** The last moves of an actor before a position, latest first. */
  movesBefore(actor: string, position: number, count: number): { readonly step: Step; readonly time: number }[] {
    const moves = this.#moves.get(actor) ?? [];
    const end = firstFrom(moves, position);
    return moves
      .slice(Math.max(0, end - count), end)
      .toReversed()
      .flatMap((at) => {
        const item = this.item(at);
        return item?.type === 'step' ? [{ step: item.step, time: this.timeOf(at) }] : [];
      });
  }

  /** How many items had happened at a wall time: the position from which to look. */
  positionAt(time: number): number {
    return this.#first + firstFrom(this.#times, time, true);
  }

  /** How all actors stood at a position. */
  actorsAt(position: number): Map<string, ActorView> {
    const keyframe = this.#keyframes[Math.floor((position - this.#first) / keyframeEvery)] ?? this.#keyframes.at(-1);
    const actors = new Map((keyframe?.actors ?? []).map((actor) => [actor.id, actor]));
    for (let at = keyframe?.position ?? this.#first; at < position; at++) {
      const item = this.item(at);
      if (item !== undefined) apply(actors, item);
    }
    return actors;
  }

  /** The nearest position from `from` on, forwards or backwards, whose item is such a one; -1 when there is none. */
  find(from: number, direction: 1 | -1, isSuch: (item: TraceItem, position: number) => boolean): number {
    for (let at = from; at >= this.#first && at < this.end; at += direction) {
      const item = this.item(at);
      if (item !== undefined && isSuch(item, at)) return at;
    }
    return -1;
  }

  /** Whole keyframes at a time, so that what stays begins with one. */
  #letGo(count: number): void {
    this.#items = this.#items.slice(count);
    this.#times = this.#times.slice(count);
    this.#first += count;
    this.#keyframes = this.#keyframes.filter(({ position }) => position >= this.#first);
    for (const [id, moves] of this.#moves) {
      moves.splice(0, firstFrom(moves, this.#first));
      if (moves.length === 0 && !this.#latest.has(id)) this.#moves.delete(id);
    }
  }
}

/** A step to where it stood already, with the same to wait for, is none. */
const isMove = (before: ActorView | undefined, after: ActorView): boolean =>
  before === undefined ||
  before.states.length !== after.states.length ||
  before.states.some((state, index) => state !== after.states[index]) ||
  before.timers.length !== after.timers.length ||
  before.timers.some(({ startedAt, delay }, index) => {
    const timer = after.timers[index];
    return timer?.startedAt !== startedAt || timer.delay !== delay;
  });

/** The index of the first that is not below a value, or is above it, in a rising list. */
export function firstFrom(list: readonly number[], value: number, isAbove = false): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const each = list[middle] ?? 0;
    if (each < value || (isAbove && each === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
