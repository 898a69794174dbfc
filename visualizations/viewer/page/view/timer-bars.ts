import type { TimerView } from '../../../../src/model/trace.ts';
import { durationText } from '../model/texts.ts';
import { h, setText } from './dom.ts';

interface Bar {
  timer: TimerView;
  readonly element: HTMLElement;
  readonly fill: HTMLElement;
  readonly value: HTMLElement;
}

/** The delays that run in an actor, each with what is left of it. */
export class TimerBars {
  readonly element = h('ul', { class: 'timers', 'aria-label': 'running delays' });
  #timers: readonly TimerView[] | null = null;
  #bars: Bar[] = [];

  show(timers: readonly TimerView[]): void {
    if (timers === this.#timers) return;
    this.#timers = timers;
    this.#bars = timers.map((timer) => {
      const same = this.#bars.find((bar) => bar.timer.delay === timer.delay && bar.timer.duration === timer.duration);
      if (same === undefined) return makeBar(timer);
      same.timer = timer;
      return same;
    });
    const elements = this.#bars.map(({ element }) => element);
    const isSame = elements.length === this.element.childElementCount && elements.every(({ parentNode }) => parentNode);
    if (!isSame) this.element.replaceChildren(...elements);
    if (this.element.hidden !== (timers.length === 0)) this.element.hidden = timers.length === 0;
  }

  /** Runs them down to an instant of the machines' clock. */
  tick(now: number): void {
    for (const { timer, fill, value } of this.#bars) {
      const left = Math.min(Math.max(timer.startedAt + timer.duration - now, 0), timer.duration);
      const transform = `scaleX(${timer.duration > 0 ? (left / timer.duration).toFixed(3) : 0})`;
      if (fill.style.transform !== transform) fill.style.transform = transform;
      setText(value, durationText(left));
    }
  }
}

function makeBar(timer: TimerView): Bar {
  const fill = h('span', { class: 'fill' });
  const value = h('span', { class: 'value' });
  const element = h(
    'li',
    { class: 'timer' },
    h('span', { class: 'name' }, timer.delay),
    h('span', { class: 'bar', 'aria-hidden': 'true' }, fill),
    value,
    h('span', { class: 'of' }, `of ${durationText(timer.duration)}`),
  );
  return { timer, element, fill, value };
}
