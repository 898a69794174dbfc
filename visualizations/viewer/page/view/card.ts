import type { ActorView, Step } from '../../../../src/model/trace.ts';
import type { Charts } from '../model/charts.ts';
import { timeText } from '../model/texts.ts';
import { ChartPicture } from './chart-picture.ts';
import { h, setAttribute, setText } from './dom.ts';
import { TimerBars } from './timer-bars.ts';

const mostFacts = 5;

/** One actor among all: what it is called, in which state it is, what it waits for and knows. */
export class Card {
  readonly element: HTMLElement;
  readonly #charts: Charts;
  readonly #picture: ChartPicture | null;
  readonly #timers = new TimerBars();
  readonly #name = h('span', { class: 'name' });
  readonly #state = h('span', { class: 'state' });
  readonly #path = h('p', { class: 'path' });
  readonly #facts = h('dl', { class: 'facts' });
  readonly #last = h('p', { class: 'last' });
  readonly #open: HTMLButtonElement;
  #actor: ActorView | null = null;

  constructor(charts: Charts, actor: ActorView, hasPicture: boolean, onOpen: (id: string) => void) {
    this.#charts = charts;
    this.#picture = hasPicture ? new ChartPicture(actor.machine) : null;
    this.#open = h('button', { type: 'button', class: 'open' }, this.#name);
    this.element = h(
      'article',
      { class: 'card', 'data-actor': actor.id, 'data-machine': actor.machine },
      h('header', {}, h('h2', {}, this.#open), h('span', { class: 'machine' }, actor.id), this.#state),
      this.#path,
      ...(this.#picture === null ? [] : [h('div', { class: 'frame' }, this.#picture.element)]),
      this.#timers.element,
      this.#facts,
      this.#last,
    );
    this.element.addEventListener('click', () => onOpen(actor.id));
    this.show(actor);
  }

  show(actor: ActorView): void {
    const before = this.#actor;
    if (actor === before) return;
    this.#actor = actor;
    const main = this.#charts.mainState(actor);
    setText(this.#name, actor.label);
    setText(this.#state, main);
    setAttribute(this.#state, 'data-tone', main);
    setAttribute(this.element, 'data-tone', main);
    setText(this.#path, this.#charts.stateText(actor));
    setAttribute(this.#open, 'aria-label', `${actor.label}: ${this.#charts.stateText(actor)}. Show it large`);
    this.#picture?.light(actor.states);
    this.#timers.show(actor.timers);
    if (actor.facts !== before?.facts) this.#showFacts(actor);
  }

  /** Shows a step that it takes now. */
  flash({ transitions }: Step, now: number): void {
    this.#picture?.flash(transitions, now);
  }

  calm(): void {
    this.#picture?.calm();
  }

  /** Shows what brought it to where it stands. */
  showLast(last: { readonly step: Step; readonly time: number } | undefined): void {
    const words = last === undefined ? '' : (this.#charts.moveText(last.step) ?? last.step.event);
    setText(this.#last, last === undefined ? '' : `${timeText(last.time).slice(0, 8)}  ${words}`);
    setAttribute(this.#last, 'title', last?.step.detail ?? '');
  }

  tick(now: number, wall: number): void {
    this.#timers.tick(now);
    this.#picture?.tick(wall);
  }

  focus(): void {
    this.#open.focus();
  }

  #showFacts({ facts }: ActorView): void {
    const rows = facts.slice(0, mostFacts);
    while (this.#facts.children.length > rows.length) this.#facts.lastElementChild?.remove();
    rows.forEach(({ name, value }, index) => {
      const row = this.#facts.children[index] ?? this.#facts.appendChild(h('div', {}, h('dt'), h('dd')));
      const [term, definition] = row.children;
      if (term !== undefined) setText(term, name);
      if (definition !== undefined) setText(definition, value);
      if (definition !== undefined) setAttribute(definition, 'title', value);
    });
  }
}
