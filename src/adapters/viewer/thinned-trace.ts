import { gzipSync } from 'node:zlib';

import type { ActorView, TraceItem } from '../../model/trace.ts';
import { Packer } from './packed-trace.codec.ts';

/** More items than this make a page slow to load, and nobody looks at each of them. */
const mostItems = 100_000;

/** `quiet`: a step that changed no state and no delay. `told`: what must not be left out. */
type Weight = 'quiet' | 'moving' | 'told';

interface Entry {
  readonly item: TraceItem;
  weight: Weight;
  /** How actors stand before it because of what has been left out; null when nothing has been. */
  missed: ReadonlyMap<string, ActorView> | null;
}

/**
 * A trace that grows no further than a page can carry: beyond that, quiet steps are left out, every second first, then
 * three of four … How all actors stand is exact at every item that is kept.
 */
export class ThinnedTrace {
  #limit: number;
  readonly #views = new Map<string, ActorView>();
  #entries: Entry[] = [];
  #missed = new Map<string, ActorView>();
  /** Of so many of each kind one is kept. */
  readonly #strides = { quiet: 1, moving: 1 };
  readonly #counts = { quiet: 0, moving: 0 };
  #omitted = 0;

  constructor(limit = mostItems) {
    this.#limit = limit;
  }

  /** How many steps have been left out. */
  get omitted(): number {
    return this.#omitted;
  }

  get length(): number {
    return this.#entries.length;
  }

  add(item: TraceItem): void {
    const weight = this.#weigh(item);
    if (weight !== 'told' && this.#counts[weight]++ % this.#strides[weight] !== 0) {
      this.#leaveOut(item, this.#missed);
      return;
    }
    const last = this.#entries.at(-1);
    // What led to it stays with it.
    if (item.type === 'told' && last?.item.type === 'step') last.weight = 'told';
    const hasMissed = this.#missed.size > 0 && item.type !== 'actors';
    this.#entries.push({ item, weight, missed: hasMissed ? this.#missed : null });
    if (this.#missed.size > 0) this.#missed = new Map();
    if (this.#entries.length > this.#limit) this.#thin();
  }

  /** The items that are kept; before each gap stands how all actors are after it. */
  *items(): Generator<TraceItem, void, undefined> {
    const actors = new Map<string, ActorView>();
    let offset = 0;
    for (const { item, missed } of this.#entries) {
      if (item.type === 'actors') {
        offset = Date.parse(item.wallTime) - item.at;
        actors.clear();
      }
      if (missed !== null) {
        for (const [id, view] of missed) if (actors.has(id)) actors.set(id, view);
        const at = item.type === 'step' ? item.step.at : item.type === 'told' ? item.emission.at : item.at;
        yield { type: 'actors', at, wallTime: new Date(at + offset).toISOString(), actors: [...actors.values()] };
      }
      for (const actor of actorsIn(item)) actors.set(actor.id, actor);
      if (item.type === 'actor.ended') actors.delete(item.id);
      yield item;
    }
  }

  /** Packed lines, compressed by gzip, as base64. */
  packed(): string {
    const packer = new Packer();
    let lines = '';
    for (const item of this.items()) lines += `${packer.pack(item)}\n`;
    return gzipSync(lines).toString('base64');
  }

  #weigh(item: TraceItem): Weight {
    const before = item.type === 'step' ? this.#views.get(item.actor.id) : undefined;
    for (const actor of actorsIn(item)) this.#views.set(actor.id, actor);
    if (item.type !== 'step') return 'told';
    const { states, timers } = item.actor;
    const isQuiet =
      before !== undefined &&
      (states === before.states || JSON.stringify(states) === JSON.stringify(before.states)) &&
      (timers === before.timers || JSON.stringify(timers) === JSON.stringify(before.timers));
    return isQuiet ? 'quiet' : 'moving';
  }

  /** What an item changed is part of the next gap. */
  #leaveOut(item: TraceItem, missed: Map<string, ActorView>): void {
    for (const actor of actorsIn(item)) missed.set(actor.id, actor);
    this.#omitted++;
  }

  /** Leaves out every second of the least that there is. */
  #thin(): void {
    const count = (weight: Weight): number => this.#entries.filter((entry) => entry.weight === weight).length;
    const weight = count('quiet') > this.#limit / 8 ? 'quiet' : 'moving';
    if (count(weight) < this.#limit / 8) {
      // Little is left that may be left out: the trace grows on, and is looked at again when it has.
      this.#limit *= 2;
      return;
    }
    this.#strides[weight] *= 2;
    let isKept = false;
    let missed = new Map<string, ActorView>();
    const kept: Entry[] = [];
    for (const entry of this.#entries) {
      for (const [id, view] of entry.missed ?? []) missed.set(id, view);
      isKept = entry.weight === weight ? !isKept : isKept;
      if (entry.weight === weight && !isKept) {
        this.#leaveOut(entry.item, missed);
        continue;
      }
      entry.missed = missed.size > 0 && entry.item.type !== 'actors' ? missed : null;
      missed = new Map();
      kept.push(entry);
    }
    this.#entries = kept;
    for (const [id, view] of this.#missed) missed.set(id, view);
    this.#missed = missed;
  }
}

function actorsIn(item: TraceItem): readonly ActorView[] {
  if (item.type === 'actors') return item.actors;
  return item.type === 'step' || item.type === 'actor.started' ? [item.actor] : [];
}
