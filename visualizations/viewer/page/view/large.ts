import type { ActorView, Step } from '../../../../src/model/trace.ts';
import type { Charts, MachineData } from '../model/charts.ts';
import { timeText } from '../model/texts.ts';
import { ChartPicture } from './chart-picture.ts';
import { h, setAttribute, setText } from './dom.ts';
import { opening, paragraphs } from './prose.ts';
import { TimerBars } from './timer-bars.ts';

/** So many of its moves are told beside it. */
export const mostTaken = 8;

/** One chart as large as fits, beside it in words what it shows and what each state means. */
export class Large {
  readonly element: HTMLElement;
  /** Beside it in words. */
  readonly meaning: HTMLElement;
  readonly #charts: Charts;
  readonly #prose: Readonly<Record<string, string>>;
  readonly #now = h('div', { class: 'now' });
  readonly #picture: ChartPicture;
  readonly #timers = new TimerBars();
  readonly #state = h('span', { class: 'state' });
  readonly #facts = h('dl', { class: 'facts' });
  readonly #taken = h('ol', { class: 'taken' });
  readonly #rows = new Map<string, HTMLElement>();
  readonly #back = h('button', { type: 'button', class: 'back' }, '← All');
  readonly #fit = h('button', { type: 'button', class: 'fit', 'aria-pressed': 'false' }, 'Full size');
  readonly #scroller: HTMLElement;

  constructor(charts: Charts, data: MachineData, title: string, onBack: () => void) {
    this.#charts = charts;
    this.#prose = data.prose;
    this.#picture = new ChartPicture(data.machine, data.prose);
    this.#back.addEventListener('click', onBack);
    this.#scroller = h(
      'div',
      { class: 'scroller', tabindex: '0', role: 'img', 'aria-label': `chart of ${title}` },
      this.#picture.element,
    );
    this.#fit.addEventListener('click', () => this.toggleFit());
    this.meaning = h(
      'div',
      { class: 'meaning' },
      this.#timers.element,
      this.#facts,
      this.#now,
      h('h3', {}, 'Taken last'),
      this.#taken,
      h('h3', {}, 'States'),
      this.#stateList(data),
      h('h3', {}, 'About'),
      h('div', { class: 'prose' }, ...paragraphs(data.about)),
    );
    this.element = h(
      'article',
      { class: 'large' },
      h(
        'header',
        {},
        this.#back,
        h('h2', {}, title),
        this.#state,
        this.#fit,
        h('p', { class: 'about' }, opening(data.about)),
      ),
      this.#scroller,
    );
    this.#scroller.addEventListener('pointerover', ({ target }) => this.#mean(this.#picture.stateAt(target), true));
    this.#scroller.addEventListener('pointerleave', () => this.#mean(null, false));
  }

  show(actor: ActorView): void {
    const text = this.#charts.stateText(actor);
    setText(this.#state, text);
    setAttribute(this.#state, 'data-tone', this.#charts.mainState(actor));
    setAttribute(this.#scroller, 'aria-label', `chart of ${actor.label}; active: ${text}`);
    if (this.#picture.light(actor.states)) this.#bringToSight();
    this.#timers.show(actor.timers);
    for (const [id, row] of this.#rows) {
      if (actor.states.includes(id)) setAttribute(row, 'aria-current', 'true');
      else row.removeAttribute('aria-current');
    }
    const meanings = this.#charts.innermost(actor).filter(({ id }) => id in this.#prose);
    this.#now.replaceChildren(
      ...meanings.map(({ id, name }) =>
        h('div', {}, h('h3', {}, `Now: ${name}`), ...paragraphs(this.#prose[id] ?? '')),
      ),
    );
    this.#facts.replaceChildren(
      ...actor.facts.map(({ name, value }) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    );
  }

  flash({ transitions }: Step, now: number): void {
    this.#picture.flash(transitions, now);
  }

  calm(): void {
    this.#picture.calm();
  }

  /** Shows what brought it to where it stands, latest first. */
  showTaken(moves: readonly { readonly step: Step; readonly time: number }[]): void {
    this.#taken.replaceChildren(
      ...moves.map(({ step, time }) => {
        const guards = step.guards.length === 0 ? '' : ` [${step.guards.join(', ')}]`;
        const detail = [step.detail, `from ${step.from}`].filter((text) => text !== '').join(' · ');
        return h(
          'li',
          {},
          h('time', {}, timeText(time)),
          h('span', {}, `${this.#charts.moveText(step) ?? step.event}${guards}`),
          h('span', { class: 'detail' }, detail),
        );
      }),
    );
  }

  tick(now: number, wall: number): void {
    this.#timers.tick(now);
    this.#picture.tick(wall);
  }

  /** Fits the chart to the window, or shows it as large as it was drawn. */
  toggleFit(): void {
    const isFullSize = this.#scroller.classList.toggle('is-full-size');
    setAttribute(this.#fit, 'aria-pressed', String(isFullSize));
    this.#bringToSight();
  }

  /** A chart that is larger than the window is moved to where it is active. */
  #bringToSight(): void {
    const active = this.#picture.innermost();
    if (active === null || !this.#scroller.classList.contains('is-full-size')) return;
    const [outer, inner] = [this.#scroller.getBoundingClientRect(), active.getBoundingClientRect()];
    this.#scroller.scrollBy({
      left: inner.left + inner.width / 2 - outer.left - outer.width / 2,
      top: inner.top + inner.height / 2 - outer.top - outer.height / 2,
    });
  }

  focus(): void {
    this.#back.focus();
  }

  #stateList({ chart, prose }: MachineData): HTMLElement {
    const depth = new Map<string, number>();
    const rows = chart.states.flatMap((state) => {
      const level = state.parent === null ? 0 : (depth.get(state.parent) ?? 0) + 1;
      depth.set(state.id, level);
      if (state.parent === null) return [];
      const row = h(
        'li',
        { 'data-level': String(level), 'data-of': state.id },
        h('span', { class: 'name' }, state.name),
        h('div', { class: 'prose' }, ...paragraphs(prose[state.id] ?? '')),
      );
      row.addEventListener('pointerenter', () => this.#mean(state.id, false));
      row.addEventListener('pointerleave', () => this.#mean(null, false));
      this.#rows.set(state.id, row);
      return [row];
    });
    return h('ul', { class: 'states', 'aria-label': 'states and what they mean' }, ...rows);
  }

  /** Points at one state in the picture and in the list. */
  #mean(id: string | null, isSought: boolean): void {
    this.#picture.point(id);
    for (const [each, row] of this.#rows) row.classList.toggle('is-meant', each === id);
    const row = id === null || !isSought ? undefined : this.#rows.get(id);
    const list = row?.closest('.meaning');
    if (row === undefined || !(list instanceof HTMLElement)) return;
    const [outer, inner] = [list.getBoundingClientRect(), row.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) list.scrollTop += inner.top - outer.top - 40;
  }
}
