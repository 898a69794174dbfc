import type { Switch } from '../../../../src/model/status.ts';
import type { Session } from '../model/session.ts';
import { dateText, emissionText } from '../model/texts.ts';
import { h, setAttribute } from './dom.ts';

interface Entry {
  readonly position: number;
  readonly element: HTMLElement;
}

/** In a live page older ones go; nobody scrolls further. */
const mostEntries = 500;

/** Every change of an active uplink with its rule and its reason, the latest on top. */
export class SwitchList {
  readonly #session: Session;
  readonly #list: HTMLElement;
  readonly #count: HTMLElement;
  #entries: Entry[] = [];
  #seen = 0;

  constructor(session: Session, list: HTMLElement, count: HTMLElement) {
    this.#session = session;
    this.#list = list;
    this.#count = count;
  }

  show(): void {
    const { history, position } = this.#session;
    for (let at = Math.max(this.#seen, history.first); at < history.end; at++) {
      const item = history.item(at);
      if (item?.type === 'told' && item.emission.type === 'switch') this.#add(at, item.emission.switch);
    }
    this.#seen = history.end;
    let isCurrent = true;
    for (const { position: at, element } of this.#entries.toReversed()) {
      element.classList.toggle('is-ahead', at >= position);
      if (at < position && isCurrent) this.#mark(element);
      else element.removeAttribute('aria-current');
      if (at < position) isCurrent = false;
    }
  }

  #mark(element: HTMLElement): void {
    if (element.hasAttribute('aria-current')) return;
    setAttribute(element, 'aria-current', 'true');
    const top = element.offsetTop - this.#list.offsetTop;
    const isInSight =
      top >= this.#list.scrollTop && top + element.offsetHeight <= this.#list.scrollTop + this.#list.clientHeight;
    if (!isInSight) this.#list.scrollTop = top - 40;
  }

  #add(position: number, { family, from, to, rule, because }: Switch): void {
    const button = h(
      'button',
      { type: 'button' },
      h('time', {}, dateText(this.#session.history.timeOf(position))),
      h('b', {}, emissionText({ type: 'switch', switch: { family, from, to, rule, because }, at: 0 as never })),
      h('span', { class: 'rule' }, rule),
      h('span', { class: 'because' }, because),
    );
    button.addEventListener('click', () => this.#session.moveTo(position + 1));
    const element = h('li', {}, button);
    this.#entries.push({ position, element });
    this.#list.prepend(element);
    while (this.#entries.length > mostEntries) this.#entries.shift()?.element.remove();
    this.#count.textContent = String(this.#entries.length);
  }
}
