import type { NodeEmission } from '../../../../src/model/events.ts';
import type { ActorView, Step, TraceItem } from '../../../../src/model/trace.ts';
import type { Charts } from './charts.ts';
import { apply, atOf, type History } from './history.ts';

/** By what one goes through a history. */
export type Stride = 'step' | 'move' | 'switch';

/** What has become different since it was last asked for. */
export interface Change {
  /** Other actors than before: all is to be drawn anew. */
  readonly isAll: boolean;
  readonly actors: ReadonlySet<string>;
  /** Taken since, going forwards. */
  readonly steps: readonly Step[];
  readonly told: readonly NodeEmission[];
}

/** More steps than this in one change are not shown one by one. */
const mostSteps = 64;

/** What is looked at: a history, and the position in it. While it follows, the position is the end. */
export class Session {
  readonly charts: Charts;
  readonly history: History;
  #actors = new Map<string, ActorView>();
  #position = 0;
  #isFollowing = true;
  #isAll = true;
  #touched = new Set<string>();
  #steps: Step[] = [];
  #told: NodeEmission[] = [];
  /** Called when there is something to take. */
  onChange: () => void = () => {};

  constructor(charts: Charts, history: History) {
    this.charts = charts;
    this.history = history;
  }

  get actors(): ReadonlyMap<string, ActorView> {
    return this.#actors;
  }

  get position(): number {
    return this.#position;
  }

  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** The wall time of the last item that has happened. */
  get time(): number {
    return this.history.timeOf(this.#position - 1);
  }

  /** The same on the machines' own clock. */
  get at(): number {
    const item = this.history.item(this.#position - 1);
    return item === undefined ? 0 : atOf(item);
  }

  append(item: TraceItem): void {
    this.history.append(item);
    if (this.#isFollowing) {
      this.#goThrough(item);
      this.#position = this.history.end;
    } else if (this.#position < this.history.first) {
      this.moveTo(this.history.first + 1);
    }
    this.onChange();
  }

  follow(isFollowing: boolean): void {
    if (isFollowing) this.moveTo(this.history.end);
    this.#isFollowing = isFollowing;
    this.onChange();
  }

  /** Goes to where the items before `position` have happened. */
  moveTo(position: number): void {
    const { history } = this;
    const target = Math.min(Math.max(position, history.first + 1), history.end);
    if (target === this.#position) return;
    this.#isFollowing = false;
    if (target > this.#position && target - this.#position <= mostSteps) {
      for (let at = this.#position; at < target; at++) {
        const item = history.item(at);
        if (item !== undefined) this.#goThrough(item);
      }
    } else {
      this.#actors = history.actorsAt(target);
      const last = history.item(target - 1);
      this.#isAll = true;
      // What has just happened there is shown, not what lies between.
      this.#steps = last?.type === 'step' ? [last.step] : [];
      this.#told = [];
    }
    this.#position = target;
    this.onChange();
  }

  /** To the next or the previous one of its kind; stays where there is none. */
  stride(stride: Stride, direction: 1 | -1): void {
    const from = direction === 1 ? this.#position : this.#position - 2;
    const found = this.history.find(from, direction, (item, at) => this.#isSuch(item, at, stride));
    if (found >= 0) this.moveTo(found + 1);
  }

  /** What has changed since the last time; afterwards nothing has. */
  take(): Change {
    const change = { isAll: this.#isAll, actors: this.#touched, steps: this.#steps, told: this.#told };
    this.#isAll = false;
    this.#touched = new Set();
    this.#steps = [];
    this.#told = [];
    return change;
  }

  #isSuch(item: TraceItem, position: number, stride: Stride): boolean {
    if (stride === 'switch') return item.type === 'told' && item.emission.type === 'switch';
    return stride === 'step' ? item.type === 'step' : this.history.isMove(position);
  }

  #goThrough(item: TraceItem): void {
    apply(this.#actors, item);
    if (item.type === 'step') {
      this.#touched.add(item.actor.id);
      this.#steps.push(item.step);
    } else if (item.type === 'told') {
      this.#told.push(item.emission);
    } else {
      this.#isAll = true;
    }
    if (this.#steps.length > 4 * mostSteps) this.#steps = this.#steps.slice(-mostSteps);
  }
}
