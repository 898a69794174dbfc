import type { ActorView } from '../../../../src/model/trace.ts';
import type { Charts } from '../model/charts.ts';
import type { Change, Session } from '../model/session.ts';
import { Cards } from './cards.ts';
import { byId, h } from './dom.ts';
import { opening } from './prose.ts';
import { Large, mostTaken } from './large.ts';

/** The charts: of all actors at once, or one of them large. */
export class Stage {
  readonly #session: Session;
  readonly #charts: Charts;
  readonly #place: HTMLElement;
  readonly #meaning = byId('meaning');
  readonly #cards: Cards;
  readonly #machines: HTMLElement;
  #large: Large | null = null;
  /** The actor that is shown large, or the machine where there are no actors. */
  #chosen: string | null = null;

  constructor(session: Session, place: HTMLElement) {
    this.#session = session;
    this.#charts = session.charts;
    this.#place = place;
    this.#cards = new Cards(session, (id) => this.open(id));
    this.#machines = h('div', { class: 'cards machines' });
    for (const { machine, title, about } of this.#charts.machines) {
      const button = h('button', { type: 'button', class: 'open' }, title);
      const card = h('article', { class: 'card' }, h('header', {}, h('h2', {}, button)), h('p', {}, opening(about)));
      card.addEventListener('click', () => this.open(machine));
      this.#machines.append(card);
    }
    place.replaceChildren(this.#machines);
  }

  get isCompact(): boolean {
    return this.#cards.isCompact;
  }

  toggleCompact(): void {
    this.#cards.toggleCompact();
  }

  toggleFit(): void {
    this.#large?.toggleFit();
  }

  /** Shows one actor large. */
  open(id: string): void {
    const actor = this.#session.actors.get(id);
    const data = this.#charts.machine(actor?.machine ?? id);
    if (data === undefined) return;
    this.#chosen = id;
    this.#large = new Large(this.#charts, data, actor?.label ?? data.title, () => this.close());
    if (actor !== undefined) this.#showLarge(this.#large, actor);
    this.#place.replaceChildren(this.#large.element);
    this.#meaning.replaceChildren(this.#large.meaning);
    this.#meaning.hidden = false;
    this.#large.focus();
  }

  /** Shows all again. */
  close(): void {
    const id = this.#chosen;
    if (id === null) return;
    this.#chosen = null;
    this.#large = null;
    this.#meaning.hidden = true;
    this.#showAll();
    this.#cards.focus(id);
  }

  show(change: Change): void {
    this.#cards.show(change);
    if (this.#chosen === null) return this.#showAll();
    const actor = this.#session.actors.get(this.#chosen);
    if (actor === undefined || this.#large === null) return;
    if (change.isAll) this.#large.calm();
    if (change.isAll || change.actors.has(actor.id)) this.#showLarge(this.#large, actor);
    const now = performance.now();
    for (const step of change.steps) if (step.actor === actor.id) this.#large.flash(step, now);
  }

  tick(now: number, wall: number): void {
    if (this.#large === null) this.#cards.tick(now, wall);
    else this.#large.tick(now, wall);
  }

  #showLarge(large: Large, actor: ActorView): void {
    const { history, position } = this.#session;
    large.show(actor);
    large.showTaken(history.movesBefore(actor.id, position, mostTaken));
  }

  #showAll(): void {
    const shown = this.#session.actors.size === 0 ? this.#machines : this.#cards.element;
    if (this.#place.firstElementChild !== shown) this.#place.replaceChildren(shown);
  }
}
