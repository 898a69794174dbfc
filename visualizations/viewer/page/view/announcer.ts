import type { NodeEmission } from '../../../../src/model/events.ts';
import { emissionText, reasonText } from '../model/texts.ts';
import { byId } from './dom.ts';

/** At most one announcement in this time: what came between is said with the next. */
const pause = 3000;

/** Says to a screen reader what must not be missed: switches. Everything else is there to be read. */
export class Announcer {
  readonly #place = byId('announcer');
  #waiting: string[] = [];
  #isPausing = false;

  tell(told: readonly NodeEmission[]): void {
    const switches = told.filter(({ type }) => type === 'switch');
    this.#waiting.push(...switches.map((each) => `${emissionText(each)}, ${reasonText(each)}`.replaceAll('→', 'to')));
    if (!this.#isPausing) this.#say();
  }

  #say(): void {
    const [said, more] = [this.#waiting.slice(-2), this.#waiting.length - 2];
    this.#waiting = [];
    this.#isPausing = said.length > 0;
    if (said.length === 0) return;
    this.#place.textContent = (more > 0 ? [`${more} other switches`, ...said] : said).join('. ');
    setTimeout(() => this.#say(), pause);
  }
}
