import type { ActorView, TraceItem } from '../../../../src/model/trace.ts';

/** Between two keyframes no more than this many items have to be applied to know how things stood. */
const keyframeEvery = 256;

/** Brings the actors to how they stand after an item. Returns the ids of those that it concerns, null for all. */
export function apply(actors: Map<string, ActorView>, item: TraceItem): string | null | undefined {
  switch (item.type) {
    case 'actors':
      actors.clear();
      for (const actor of item.actors) actors.set(actor.id, actor);
      return null;
    case 'step':
    case 'actor.started':
      actors.set(item.actor.id, item.actor);
      return item.actor.id;
    case 'actor.ended':
      actors.delete(item.id);
      return item.id;
    case 'told':
      return undefined;
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

  /** How many items had happened at a wall time: the position from which to look. */
  positionAt(time: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return this.#first + low;
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
  find(from: number, direction: 1 | -1, isSuch: (item: TraceItem) => boolean): number {
    for (let at = from; at >= this.#first && at < this.end; at += direction) {
      const item = this.item(at);
      if (item !== undefined && isSuch(item)) return at;
    }
    return -1;
  }

  /** Whole keyframes at a time, so that what stays begins with one. */
  #letGo(count: number): void {
    this.#items = this.#items.slice(count);
    this.#times = this.#times.slice(count);
    this.#first += count;
    this.#keyframes = this.#keyframes.filter(({ position }) => position >= this.#first);
  }
}
