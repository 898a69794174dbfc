import { isDeepStrictEqual } from 'node:util';

/** The objects of one kind by key; tells of every real difference, and of nothing else. */
export class ObjectTable<K, T extends object> {
  readonly map = new Map<K, T>();
  readonly #note: (before: T | null, after: T | null) => void;

  constructor(note: (before: T | null, after: T | null) => void) {
    this.#note = note;
  }

  put(key: K, value: T): void {
    const before = this.map.get(key) ?? null;
    if (before !== null && isDeepStrictEqual(before, value)) return;
    this.map.set(key, value);
    this.#note(before, value);
  }

  /** Whether it stood there. */
  remove(key: K): boolean {
    const before = this.map.get(key);
    if (before === undefined) return false;
    this.map.delete(key);
    this.#note(before, null);
    return true;
  }

  removeWhere(isGone: (value: T) => boolean): void {
    for (const [key, value] of this.map) if (isGone(value)) this.remove(key);
  }

  /** Puts all `values`, and removes what lies `within` the dump's extent and is not among them. */
  replaceAll(values: Iterable<readonly [K, T]>, within: (value: T) => boolean): void {
    const present = new Map(values);
    for (const [key, value] of this.map) if (within(value) && !present.has(key)) this.remove(key);
    for (const [key, value] of present) this.put(key, value);
  }
}
