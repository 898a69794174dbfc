import type { Session } from './session.ts';
import { searchText } from './texts.ts';

const sliceMs = 8;

/** Finds words in a history, a slice at a time, so that no one waits for it. */
export class Search {
  readonly #session: Session;
  #words: readonly string[] = [];
  #next = 0;
  #matches: number[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  get matches(): readonly number[] {
    return this.#matches;
  }

  get isActive(): boolean {
    return this.#words.length > 0;
  }

  /** All of the words have to be there. */
  look(text: string): void {
    this.#words = text
      .toLowerCase()
      .split(/\s+/u)
      .filter((word) => word !== '');
    this.#next = this.#session.history.first;
    this.#matches = [];
  }

  /** Looks on for a moment. True when there was something left to look at. */
  go(now: () => number): boolean {
    const { history } = this.#session;
    if (!this.isActive || this.#next >= history.end) return false;
    const end = now() + sliceMs;
    this.#next = Math.max(this.#next, history.first);
    while (this.#next < history.end && now() < end) {
      const item = history.item(this.#next);
      const text = item === undefined ? '' : searchText(item);
      if (text !== '' && this.#words.every((word) => text.includes(word))) this.#matches.push(this.#next);
      this.#next++;
    }
    return true;
  }

  /** Goes to the next match or the previous one, and round. */
  step(direction: 1 | -1): void {
    const { position } = this.#session;
    const found =
      direction === 1
        ? (this.#matches.find((at) => at + 1 > position) ?? this.#matches[0])
        : (this.#matches.findLast((at) => at + 1 < position) ?? this.#matches.at(-1));
    if (found !== undefined) this.#session.moveTo(found + 1);
  }

  /** Which match the cursor stands on, from 1; 0 for none. */
  get current(): number {
    return this.#matches.indexOf(this.#session.position - 1) + 1;
  }
}
