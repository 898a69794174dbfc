import type { Lanes } from '../model/lanes.ts';
import type { Session } from '../model/session.ts';
import { durationText, inOrder, timeText } from '../model/texts.ts';
import { h, setAttribute, setText } from './dom.ts';
import { drawLanes, type Span } from './lane-canvas.ts';

const mostLanes = 8;
const narrowest = 2000;
/** What is live begins with so much time in sight, and grows to so much. */
const shortestLive = 30_000;
const liveSpan = 5 * 60_000;

/** Time from left to right: the lanes of the actors, the switches, and where in it one is. */
export class Timeline {
  readonly #session: Session;
  readonly #lanes: Lanes;
  readonly #labels = h('ul', { class: 'labels', 'aria-hidden': 'true' });
  readonly #canvas = h('canvas', { 'aria-hidden': 'true' });
  readonly #cursor = h('div', { class: 'cursor' });
  readonly #slider: HTMLElement;
  readonly #from = h('span');
  readonly #width = h('span', { class: 'width' });
  readonly #to = h('span');
  /** How much time is in sight; null for all of a recording, or the last minutes of what is live. */
  #zoom: number | null = null;
  #span: Span = { from: 0, to: 1 };
  matches: readonly number[] = [];
  /** Called with a wall time that was pointed at. */
  onSeek: (time: number) => void = () => {};

  constructor(session: Session, lanes: Lanes, place: HTMLElement) {
    this.#session = session;
    this.#lanes = lanes;
    this.#slider = h(
      'div',
      { class: 'slider', role: 'slider', tabindex: '0', 'aria-label': 'time', 'aria-valuemin': '0' },
      this.#canvas,
      this.#cursor,
    );
    const scale = h('div', { class: 'scale', 'aria-hidden': 'true' }, this.#from, this.#width, this.#to);
    place.append(h('div', { class: 'lanes' }, this.#labels, this.#slider), scale);
    this.#slider.addEventListener('pointerdown', (event) => {
      this.#slider.setPointerCapture(event.pointerId);
      this.#seekTo(event);
    });
    this.#slider.addEventListener('pointermove', (event) => {
      if (this.#slider.hasPointerCapture(event.pointerId)) this.#seekTo(event);
    });
    this.#slider.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    this.#slider.addEventListener('keydown', (event) => this.#onKey(event));
    new ResizeObserver(() => this.draw(session.time)).observe(this.#slider);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw(session.time));
  }

  /** Shows less time, larger, or more of it. */
  zoom(factor: number): void {
    const all = this.#whole();
    const next = (this.#span.to - this.#span.from) * factor;
    this.#zoom = next >= all.to - all.from && !this.#session.isFollowing ? null : Math.max(narrowest, next);
    this.draw(this.#session.time);
  }

  /** Draws all of it anew for a moment of the cursor. */
  draw(time: number): void {
    const lanes = inOrder(this.#session.actors.values()).flatMap(({ id, machine }) =>
      machine === 'node' ? [] : (this.#lanes.all.get(id) ?? []),
    );
    const gone = [...this.#lanes.all.values()].filter(
      ({ id, machine }) => machine !== 'node' && !this.#session.actors.has(id),
    );
    const shown = [...lanes, ...gone].slice(0, mostLanes);
    this.#span = this.#spanAt(time);
    const labels = shown.map(({ label }) => label).join('\n');
    if (this.#labels.dataset['shown'] !== labels) {
      this.#labels.dataset['shown'] = labels;
      this.#labels.replaceChildren(...shown.map(({ label }) => h('li', {}, label)));
    }
    drawLanes(
      this.#canvas,
      shown,
      this.#span,
      this.#lanes.switches.map((mark) => mark.time),
      this.matches,
    );
    setText(this.#from, timeText(this.#span.from).slice(0, 8));
    setText(this.#to, timeText(this.#span.to).slice(0, 8));
    setText(this.#width, durationText(this.#span.to - this.#span.from));
    this.placeCursor(time);
  }

  /** Moves only the cursor: cheap enough for every frame. */
  placeCursor(time: number): void {
    const { from, to } = this.#span;
    if (this.#zoom !== null && !this.#session.isFollowing && (time < from || time > to)) return this.draw(time);
    const share = Math.min(Math.max((time - from) / Math.max(1, to - from), 0), 1);
    this.#cursor.style.left = `${(share * 100).toFixed(3)}%`;
    const { history } = this.#session;
    setAttribute(this.#slider, 'aria-valuemax', String(history.end));
    setAttribute(this.#slider, 'aria-valuenow', String(this.#session.position));
    setAttribute(this.#slider, 'aria-valuetext', timeText(time));
  }

  #whole(): Span {
    const { history } = this.#session;
    return { from: history.timeOf(history.first), to: history.timeOf(history.end) };
  }

  #spanAt(time: number): Span {
    const all = this.#whole();
    if (this.#session.isFollowing) {
      const width = Math.min(Math.max(all.to - all.from, shortestLive), liveSpan);
      return { from: time - (this.#zoom ?? width), to: time };
    }
    if (this.#zoom === null) return { from: all.from, to: Math.max(all.to, all.from + 1) };
    const from = Math.min(Math.max(time - this.#zoom / 2, all.from), Math.max(all.from, all.to - this.#zoom));
    return { from, to: from + this.#zoom };
  }

  #seekTo({ clientX }: PointerEvent): void {
    const { left, width } = this.#slider.getBoundingClientRect();
    const share = Math.min(Math.max((clientX - left) / width, 0), 1);
    this.onSeek(this.#span.from + share * (this.#span.to - this.#span.from));
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    this.zoom(event.deltaY > 0 ? 1.25 : 0.8);
  }

  #onKey(event: KeyboardEvent): void {
    const { history, time } = this.#session;
    const width = this.#span.to - this.#span.from;
    const seek = (to: number): void => {
      event.preventDefault();
      event.stopPropagation();
      this.onSeek(to);
    };
    if (event.key === 'ArrowLeft' || event.key === 'ArrowDown') seek(time - width / 100);
    else if (event.key === 'ArrowRight' || event.key === 'ArrowUp') seek(time + width / 100);
    else if (event.key === 'PageUp') seek(time + width / 10);
    else if (event.key === 'PageDown') seek(time - width / 10);
    else if (event.key === 'Home') seek(history.timeOf(history.first));
    else if (event.key === 'End') seek(history.timeOf(history.end));
  }
}
