import { prefersStillness } from './dom.ts';

const flashFor = 1200;
let copies = 0;

/** One picture of a chart: a copy of the machine's own, whose states are lit and whose transitions flash. */
export class ChartPicture {
  readonly element: Element;
  readonly #states = new Map<string, Element>();
  readonly #transitions = new Map<string, Element[]>();
  #lit: readonly string[] = [];
  #flashes = new Map<Element, number>();

  /** @param prose what each state means, to be shown by who points at it */
  constructor(machine: string, prose: Readonly<Record<string, string>> = {}) {
    this.element = copyOf(machine);
    for (const element of this.element.querySelectorAll('[data-state]')) {
      const id = element.getAttribute('data-state') ?? '';
      this.#states.set(id, element);
      const title = element.querySelector(':scope > title');
      const meaning = prose[id];
      if (title !== null && meaning !== undefined) title.textContent = `${id}\n${meaning.replaceAll('`', '')}`;
    }
    for (const element of this.element.querySelectorAll('[data-transition]')) {
      // One line may stand for several that lead the same way.
      for (const id of (element.getAttribute('data-transition') ?? '').split(' ')) {
        this.#transitions.set(id, [...(this.#transitions.get(id) ?? []), element]);
      }
    }
  }

  /** The first of the states that are lit and have none lit within. */
  innermost(): Element | null {
    return this.element.querySelector('.is-innermost');
  }

  /** Lights these states, and no others; tells whether there were others. */
  light(states: readonly string[]): boolean {
    if (states.join() === this.#lit.join()) return false;
    this.element.classList.add('is-lit');
    const before = this.#lit;
    this.#lit = states;
    const innermost = states.filter((id) => !states.some((other) => other.startsWith(`${id}.`)));
    for (const id of before) {
      const element = this.#states.get(id);
      if (!states.includes(id)) element?.classList.remove('is-active');
      if (!innermost.includes(id)) element?.classList.remove('is-innermost');
    }
    for (const id of states) this.#states.get(id)?.classList.add('is-active');
    for (const id of innermost) this.#states.get(id)?.classList.add('is-innermost');
    return true;
  }

  /** Shows which state is meant by what is pointed at elsewhere; null for none. */
  point(state: string | null): void {
    for (const [id, element] of this.#states) element.classList.toggle('is-meant', id === state);
  }

  flash(transitions: readonly string[], now: number): void {
    for (const id of transitions) {
      for (const element of this.#transitions.get(id) ?? []) {
        element.classList.add('is-taken');
        if (!this.#flashes.has(element) && !prefersStillness()) {
          element.animate?.([{ opacity: 0.25 }, { opacity: 1 }], { duration: 250 });
        }
        this.#flashes.set(element, now + flashFor);
      }
    }
  }

  /** One has gone elsewhere in time: what was taken last there is not shown here. */
  calm(): void {
    this.tick(Infinity);
  }

  /** Ends flashes that have been seen for long enough. */
  tick(now: number): void {
    for (const [element, until] of this.#flashes) {
      if (until > now) continue;
      element.classList.remove('is-taken');
      this.#flashes.delete(element);
    }
  }

  /** The state that an element of the picture belongs to. */
  stateAt(target: EventTarget | null): string | null {
    return target instanceof Element ? (target.closest('[data-state]')?.getAttribute('data-state') ?? null) : null;
  }
}

/** A copy with ids of its own: what refers to an id (arrowheads) would else break when another copy goes. */
function copyOf(machine: string): Element {
  const template = document.getElementById(`picture-${machine}`);
  const original = template instanceof HTMLTemplateElement ? template.content.querySelector('svg') : null;
  if (original === null) return document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const copy = original.cloneNode(true) as Element;
  const suffix = `-${++copies}`;
  for (const element of [copy, ...copy.querySelectorAll('*')]) {
    for (const { name, value } of element.attributes) {
      if (name === 'id') element.setAttribute(name, value + suffix);
      else if (name === 'href' && value.startsWith('#')) element.setAttribute(name, value + suffix);
      else if (value.includes('url(#')) {
        element.setAttribute(name, value.replace(/url\(#([^)]+)\)/gu, `url(#$1${suffix})`));
      }
    }
  }
  // Beside it stands in words what it shows.
  copy.setAttribute('aria-hidden', 'true');
  copy.removeAttribute('role');
  copy.removeAttribute('aria-labelledby');
  copy.classList.add('picture');
  return copy;
}
