import type { ActorView, TraceItem } from '../../model/trace.ts';

/** What is different in an actor since it was last told of. */
type PackedActor = { readonly id: string } & Partial<Omit<ActorView, 'id'>>;

/**
 * Trace items as lines of JSON in which an actor has only what is different since the line before: a step is mostly one
 * figure, not all of its actor.
 */
export class Packer {
  readonly #known = new Map<string, ActorView>();

  /** One line, without its end. */
  pack(item: TraceItem): string {
    if (item.type === 'actors') {
      const actors = item.actors.map((actor) => this.#packActor(actor));
      return JSON.stringify({ ...item, actors });
    }
    if (item.type === 'step' || item.type === 'actor.started') {
      return JSON.stringify({ ...item, actor: this.#packActor(item.actor) });
    }
    return JSON.stringify(item);
  }

  #packActor(actor: ActorView): PackedActor {
    const before = this.#known.get(actor.id);
    this.#known.set(actor.id, actor);
    if (before === undefined) return actor;
    return {
      id: actor.id,
      ...(actor.machine !== before.machine && { machine: actor.machine }),
      ...(actor.label !== before.label && { label: actor.label }),
      ...(isOther(actor.states, before.states) && { states: actor.states }),
      ...(isOther(actor.timers, before.timers) && { timers: actor.timers }),
      ...(isOther(actor.facts, before.facts) && { facts: actor.facts }),
    };
  }
}

/** Reads what a `Packer` wrote, in the same order. What has not changed is the same object as before. */
export class Unpacker {
  readonly #known = new Map<string, ActorView>();

  /** @throws SyntaxError when the line is not JSON. */
  unpack(line: string): TraceItem {
    // The packer's word: a page carries what was packed for it.
    const item = JSON.parse(line) as TraceItem;
    if (item.type === 'actors') return { ...item, actors: item.actors.map((actor) => this.#unpackActor(actor)) };
    if (item.type === 'step' || item.type === 'actor.started') return { ...item, actor: this.#unpackActor(item.actor) };
    return item;
  }

  #unpackActor(packed: PackedActor): ActorView {
    const before = this.#known.get(packed.id);
    const actor = { ...before, ...packed } as ActorView;
    this.#known.set(actor.id, actor);
    return actor;
  }
}

const isOther = (left: unknown, right: unknown): boolean =>
  left !== right && JSON.stringify(left) !== JSON.stringify(right);
