/** One timer that rings once at the earliest of the times it was set to. It keeps no process alive. */
export class Alarm {
  readonly #ring: () => void;
  #set: { readonly handle: NodeJS.Timeout; readonly dueAt: number } | null = null;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  get isSet(): boolean {
    return this.#set !== null;
  }

  /** @param delay milliseconds */
  setIn(delay: number): void {
    const dueAt = performance.now() + delay;
    if (this.#set !== null && this.#set.dueAt <= dueAt) return;
    this.clear();
    const ring = (): void => {
      this.#set = null;
      this.#ring();
    };
    this.#set = { dueAt, handle: setTimeout(ring, delay).unref() };
  }

  clear(): void {
    clearTimeout(this.#set?.handle);
    this.#set = null;
  }
}
