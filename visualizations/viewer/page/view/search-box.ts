import type { Search } from '../model/search.ts';
import { byId, setText } from './dom.ts';

/** The field for words to look for, and how often they were found. */
export class SearchBox {
  readonly #search: Search;
  readonly #field = byId('search') as HTMLInputElement;
  readonly #found = byId('found');
  #shown = 0;
  /** Called with the positions of all matches when there are others than before. */
  onMatches: (positions: readonly number[]) => void = () => {};

  constructor(search: Search) {
    this.#search = search;
    this.#field.addEventListener('input', () => {
      search.look(this.#field.value);
      this.#shown = -1;
      this.show();
    });
    this.#field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') search.step(event.shiftKey ? -1 : 1);
      if (event.key !== 'Escape') return;
      if (this.#field.value === '') this.#field.blur();
      this.#field.value = '';
      search.look('');
      this.show();
    });
  }

  show(): void {
    const { matches, current, isActive } = this.#search;
    setText(this.#found, isActive ? `${current > 0 ? `${current} of ` : ''}${matches.length}` : '');
    if (matches.length === this.#shown) return;
    this.#shown = matches.length;
    this.onMatches(matches);
  }
}
