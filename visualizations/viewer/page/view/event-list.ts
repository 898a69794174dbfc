import type { TraceItem } from '../../../../src/model/trace.ts';
import { firstFrom } from '../model/history.ts';
import type { Session } from '../model/session.ts';
import { emissionText, reasonText, timeText } from '../model/texts.ts';
import { h, setAttribute, setText } from './dom.ts';

const rowHeight = 40;
const spareRows = 6;

interface Row {
  readonly element: HTMLElement;
  readonly time: HTMLElement;
  readonly actor: HTMLElement;
  readonly what: HTMLElement;
  readonly detail: HTMLElement;
  position: number;
}

/** What happened, one line each, the latest last. Only the lines in sight exist. */
export class EventList {
  readonly #session: Session;
  readonly #scroller: HTMLElement;
  readonly #list = h('ol', { class: 'rows', role: 'listbox', tabindex: '0', 'aria-label': 'events' });
  readonly #rows: Row[] = [];
  /** Positions of the items that are listed. */
  #listed: number[] = [];
  #seen = 0;
  #showsAll = false;
  #height = 600;

  constructor(session: Session, scroller: HTMLElement) {
    this.#session = session;
    this.#scroller = scroller;
    scroller.append(this.#list);
    scroller.addEventListener('scroll', () => this.#fill(), { passive: true });
    new ResizeObserver(() => {
      this.#height = scroller.clientHeight;
      this.show();
    }).observe(scroller);
    this.#list.addEventListener('click', ({ target }) => {
      const row = this.#rows.find(({ element }) => target instanceof Node && element.contains(target));
      if (row !== undefined) session.moveTo(row.position + 1);
    });
    this.#list.addEventListener('keydown', (event) => this.#onKey(event));
  }

  get showsAll(): boolean {
    return this.#showsAll;
  }

  /** Lists also what moved no actor to another state. */
  showAll(showsAll: boolean): void {
    this.#showsAll = showsAll;
    this.#listed = [];
    this.#seen = 0;
    this.show();
  }

  /** Follows the cursor. */
  show(): void {
    const { history, position } = this.#session;
    if (this.#seen < history.first) this.#listed = this.#listed.slice(firstFrom(this.#listed, history.first));
    for (let at = Math.max(this.#seen, history.first); at < history.end; at++) {
      const item = history.item(at);
      if (item !== undefined && this.#isListed(item, at)) this.#listed.push(at);
    }
    this.#seen = history.end;
    this.#list.style.height = `${this.#listed.length * rowHeight}px`;
    const current = firstFrom(this.#listed, position) - 1;
    const share = this.#session.isFollowing ? 1 : 0.7;
    this.#scroller.scrollTop = (current + 1) * rowHeight - this.#height * share + (share < 1 ? rowHeight : 0);
    this.#fill();
  }

  #isListed(item: TraceItem, at: number): boolean {
    if (item.type === 'told') return true;
    if (item.type !== 'step') return item.type !== 'actors' || this.#showsAll;
    return this.#showsAll || this.#session.history.isMove(at);
  }

  /** Writes the lines in sight. */
  #fill(): void {
    const first = Math.max(0, Math.floor(this.#scroller.scrollTop / rowHeight) - 2);
    const count = Math.min(Math.ceil(this.#height / rowHeight) + spareRows, this.#listed.length - first);
    while (this.#rows.length < count) this.#rows.push(this.#makeRow());
    const { position } = this.#session;
    const current = firstFrom(this.#listed, position) - 1;
    this.#rows.forEach((row, index) => {
      const at = this.#listed[first + index];
      const item = index < count && at !== undefined ? this.#session.history.item(at) : undefined;
      row.element.hidden = item === undefined;
      if (item === undefined || at === undefined) return;
      row.position = at;
      row.element.style.transform = `translateY(${(first + index) * rowHeight}px)`;
      this.#write(row, item, at);
      row.element.classList.toggle('is-ahead', at >= position);
      setAttribute(row.element, 'aria-selected', String(first + index === current));
      setAttribute(row.element, 'aria-posinset', String(first + index + 1));
      setAttribute(row.element, 'aria-setsize', String(this.#listed.length));
    });
    const selected = this.#rows.find(({ position: at }) => at === this.#listed[current]);
    if (selected !== undefined) setAttribute(this.#list, 'aria-activedescendant', selected.element.id);
  }

  #write({ element, time, actor, what, detail }: Row, item: TraceItem, at: number): void {
    setText(time, timeText(this.#session.history.timeOf(at)));
    const [who, words, more, kind] = this.#words(item, at);
    setText(actor, who);
    setText(what, words);
    setText(detail, more);
    setAttribute(element, 'data-kind', kind);
  }

  #words(item: TraceItem, at: number): readonly [string, string, string, string] {
    const { charts, actors, history } = this.#session;
    if (item.type === 'told') {
      return ['told', emissionText(item.emission), reasonText(item.emission), item.emission.type];
    }
    if (item.type === 'actor.started') return [item.actor.label, 'started', charts.stateText(item.actor), 'actor'];
    if (item.type === 'actor.ended') return [actors.get(item.id)?.label ?? item.id, 'ended', '', 'actor'];
    if (item.type === 'actors') return ['', 'all actors', `${item.actors.length}`, 'actors'];
    const { step, actor } = item;
    const guards = step.guards.length === 0 ? '' : `[${step.guards.join(', ')}] `;
    const more = [`${guards}${step.detail}`, `from ${step.from}`].filter((text) => text !== '').join(' · ');
    return [actor.label, charts.moveText(step) ?? step.event, more, history.isMove(at) ? 'move' : 'quiet'];
  }

  #makeRow(): Row {
    const [time, actor, what, detail] = [
      h('time'),
      h('b'),
      h('span', { class: 'what' }),
      h('span', { class: 'detail' }),
    ];
    const element = h('li', { role: 'option', id: `event-row-${this.#rows.length}` }, time, actor, what, detail);
    this.#list.append(element);
    return { element, time, actor, what, detail, position: 0 };
  }

  #onKey(event: KeyboardEvent): void {
    const current = firstFrom(this.#listed, this.#session.position) - 1;
    const page = Math.max(1, Math.floor(this.#height / rowHeight) - 1);
    const by = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const target = this.#listed[Math.min(Math.max(current + by, 0), this.#listed.length - 1)];
    if (target !== undefined) this.#session.moveTo(target + 1);
  }
}
