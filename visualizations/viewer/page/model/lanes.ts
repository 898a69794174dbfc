import type { ActorView, TraceItem } from '../../../../src/model/trace.ts';
import type { Charts } from './charts.ts';

/** A stretch of time in one state, from its beginning to that of the next. */
export interface Stretch {
  readonly from: number;
  /** The main state; null where the actor was not there. */
  readonly state: string | null;
}

export interface Lane {
  readonly id: string;
  label: string;
  readonly machine: string;
  readonly stretches: Stretch[];
  /** What it has chosen, from when on; empty for an actor that chooses nothing. */
  readonly choices: { readonly from: number; readonly name: string }[];
}

export interface SwitchMark {
  readonly position: number;
  readonly time: number;
}

/** For each actor the states it went through over time, and when there were switches. */
export class Lanes {
  readonly #charts: Charts;
  readonly #lanes = new Map<string, Lane>();
  readonly switches: SwitchMark[] = [];

  constructor(charts: Charts) {
    this.#charts = charts;
  }

  get all(): ReadonlyMap<string, Lane> {
    return this.#lanes;
  }

  append(item: TraceItem, position: number, time: number): void {
    switch (item.type) {
      case 'actors': {
        const present = new Set(item.actors.map(({ id }) => id));
        for (const id of this.#lanes.keys()) if (!present.has(id)) this.#end(id, time);
        for (const actor of item.actors) this.#note(actor, time);
        break;
      }
      case 'step':
      case 'actor.started':
        this.#note(item.actor, time);
        break;
      case 'actor.ended':
        this.#end(item.id, time);
        break;
      case 'told':
        if (item.emission.type === 'switch') this.switches.push({ position, time });
    }
  }

  /** Forgets what was over before a time, and lanes of which nothing is left. */
  letGo(before: number): void {
    for (const [id, { stretches }] of this.#lanes) {
      const next = stretches.findIndex(({ from }) => from > before);
      const gone = next < 0 ? stretches.length - 1 : next - 1;
      if (gone > 0) stretches.splice(0, gone);
      if (stretches.length === 1 && stretches[0]?.state === null) this.#lanes.delete(id);
    }
    while ((this.switches[0]?.time ?? before) < before) this.switches.shift();
  }

  #note(actor: ActorView, time: number): void {
    const lane = this.#lanes.get(actor.id) ?? {
      id: actor.id,
      label: '',
      machine: actor.machine,
      stretches: [],
      choices: [],
    };
    this.#lanes.set(actor.id, lane);
    lane.label = actor.label;
    const state = this.#charts.mainState(actor);
    if (lane.stretches.at(-1)?.state !== state) lane.stretches.push({ from: time, state });
    const chosen = actor.facts.find(({ name }) => name === 'active')?.value;
    if (chosen !== undefined && lane.choices.at(-1)?.name !== chosen) lane.choices.push({ from: time, name: chosen });
  }

  #end(id: string, time: number): void {
    const stretches = this.#lanes.get(id)?.stretches;
    if (stretches?.at(-1)?.state !== null) stretches?.push({ from: time, state: null });
  }
}
