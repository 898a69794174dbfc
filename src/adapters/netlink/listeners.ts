import type { KernelChange } from '../../model/kernel.ts';

type Listener = (changes: readonly KernelChange[]) => void;

/**
 * Those who want to know of changes. Each batch reaches every listener before the next batch reaches any, even when a
 * listener itself brings about the next one. One that throws keeps nothing from the others.
 */
export class Listeners {
  readonly #onDefect: (error: unknown) => void;
  readonly #listeners = new Set<{ readonly call: Listener }>();
  readonly #waiting: (readonly KernelChange[])[] = [];
  #isNotifying = false;

  constructor(onDefect: (error: unknown) => void = warn) {
    this.#onDefect = onDefect;
  }

  /** Returns the way to end it. */
  add(listener: Listener): () => void {
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  clear(): void {
    this.#listeners.clear();
  }

  /** An empty batch is none. */
  notify(changes: readonly KernelChange[]): void {
    if (changes.length > 0) this.#waiting.push(changes);
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    for (let batch = this.#waiting.shift(); batch !== undefined; batch = this.#waiting.shift()) {
      for (const entry of this.#listeners) {
        try {
          entry.call(batch);
        } catch (error) {
          this.#onDefect(error);
        }
      }
    }
    this.#isNotifying = false;
  }
}

const warn = (error: unknown): void => {
  process.emitWarning(error instanceof Error ? error : String(error));
};
