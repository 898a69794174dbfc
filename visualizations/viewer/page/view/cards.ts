import type { Session } from '../model/session.ts';
import { inOrder } from '../model/texts.ts';
import type { Change } from '../model/session.ts';
import { Card } from './card.ts';
import { h } from './dom.ts';

/** With more actors than this, pictures would be too small to be read and too many to be drawn. */
const mostPictures = 12;
/** Made in one frame, so that many of them hold nobody up. */
const cardsPerFrame = { withPicture: 1, without: 6 };

/** All actors at once. */
export class Cards {
  readonly element = h('div', { class: 'cards' });
  readonly #session: Session;
  readonly #onOpen: (id: string) => void;
  readonly #cards = new Map<string, Card>();
  #isCompact: boolean | null = null;
  #hasPictures = true;
  #isMaking = false;

  constructor(session: Session, onOpen: (id: string) => void) {
    this.#session = session;
    this.#onOpen = onOpen;
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** Whether only the most important is shown of each. */
  get isCompact(): boolean {
    return !this.#hasPictures;
  }

  toggleCompact(): void {
    this.#isCompact = !this.isCompact;
    this.#arrange();
  }

  show(change: Change): void {
    if (change.isAll) this.#arrange();
    else {
      for (const id of change.actors) {
        const actor = this.#session.actors.get(id);
        const card = this.#cards.get(id);
        if (actor === undefined || card === undefined) continue;
        card.show(actor);
        this.#showLast(id, card);
      }
    }
    const now = performance.now();
    for (const step of change.steps) this.#cards.get(step.actor)?.flash(step, now);
  }

  tick(now: number, wall: number): void {
    for (const card of this.#cards.values()) card.tick(now, wall);
  }

  focus(id: string): void {
    this.#cards.get(id)?.focus();
  }

  #showLast(id: string, card: Card): void {
    const { history, position } = this.#session;
    card.showLast(history.movesBefore(id, position, 1)[0]);
  }

  /** Brings the cards to the actors there are, a few in each frame. */
  #arrange(): void {
    const { actors, charts } = this.#session;
    const hasPictures = !(this.#isCompact ?? actors.size > mostPictures);
    if (hasPictures !== this.#hasPictures) {
      for (const card of this.#cards.values()) card.element.remove();
      this.#cards.clear();
    }
    this.#hasPictures = hasPictures;
    this.element.classList.toggle('is-compact', !hasPictures);
    for (const [id, card] of this.#cards) {
      if (actors.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    const mostMade = hasPictures ? cardsPerFrame.withPicture : cardsPerFrame.without;
    let made = 0;
    let previous: Element | null = null;
    for (const actor of inOrder(actors.values())) {
      let card = this.#cards.get(actor.id);
      if (card === undefined) {
        if (made++ >= mostMade) continue;
        card = new Card(charts, actor, hasPictures, this.#onOpen);
        this.#cards.set(actor.id, card);
      } else {
        card.show(actor);
        card.calm();
      }
      this.#showLast(actor.id, card);
      const place: Element | null = previous === null ? this.element.firstElementChild : previous.nextElementSibling;
      if (place !== card.element) this.element.insertBefore(card.element, place);
      previous = card.element;
    }
    if (made > mostMade && !this.#isMaking) {
      this.#isMaking = true;
      requestAnimationFrame(() => {
        this.#isMaking = false;
        this.#arrange();
      });
    }
  }

  /** Arrows go from card to card, as in a grid. */
  #onKey(event: KeyboardEvent): void {
    const cards = [...this.element.children];
    const here = cards.findIndex((card) => card.contains(document.activeElement));
    if (here < 0 || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    const top = cards[0]?.getBoundingClientRect().top;
    const columns = Math.max(1, cards.filter((card) => card.getBoundingClientRect().top === top).length);
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const target = by === undefined ? undefined : cards[here + by]?.querySelector('button');
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    target?.focus();
  }
}
