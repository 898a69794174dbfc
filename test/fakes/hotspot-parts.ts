import type { HotspotJournal, HotspotListener, HotspotTarget } from '../../src/effects/ports.ts';
import type { Problem } from '../../src/model/errors.ts';
import { hotspotPartKey, type HotspotPart, type HotspotRecord } from '../../src/model/hotspot-parts.ts';
import { done, type OperationResult } from '../../src/model/network.ts';

/** Parts that stand because it is said that they do. */
export class FakeHotspot implements HotspotTarget {
  readonly standing = new Map<string, HotspotPart>();
  /** What was done, in order: `start filter`, `change names` … */
  readonly done: string[] = [];
  readonly #failures = new Map<string, Problem>();
  /** Starts that wait for `release`, or for their end. */
  readonly #held = new Map<string, () => void>();
  listener: HotspotListener | null = null;
  obstacle: Problem | null = null;
  /** Taken away behind the keeper's back. */
  lost: readonly string[] = [];

  /** What is done so fails, `times` times. */
  fail(what: string, problem: Problem): void {
    this.#failures.set(what, problem);
  }

  heal(what: string): void {
    this.#failures.delete(what);
  }

  hold(what: string): void {
    this.#held.set(what, () => undefined);
  }

  listen(listener: HotspotListener): void {
    this.listener = listener;
  }

  async check(): Promise<Problem | null> {
    return this.obstacle;
  }

  async before(part: HotspotPart): Promise<HotspotRecord['before']> {
    return { of: hotspotPartKey(part) };
  }

  async start(part: HotspotPart, signal: AbortSignal): Promise<Problem | null> {
    const key = hotspotPartKey(part);
    const what = `start ${key}`;
    this.done.push(what);
    if (this.#held.has(what)) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      return { code: 'hotspot.serviceFailed', message: 'it was ended' };
    }
    return this.#failures.get(what) ?? this.#stand(part);
  }

  async change(_: HotspotPart, to: HotspotPart): Promise<Problem | null> {
    const what = `change ${hotspotPartKey(to)}`;
    this.done.push(what);
    return this.#failures.get(what) ?? this.#stand(to);
  }

  async stop({ part }: HotspotRecord): Promise<Problem | null> {
    const what = `stop ${hotspotPartKey(part)}`;
    this.done.push(what);
    const failure = this.#failures.get(what) ?? null;
    if (failure === null) this.standing.delete(hotspotPartKey(part));
    return failure;
  }

  async missing(parts: readonly HotspotPart[]): Promise<readonly string[]> {
    const { lost } = this;
    this.lost = [];
    for (const key of lost) this.standing.delete(key);
    return parts.map(hotspotPartKey).filter((key) => lost.includes(key));
  }

  /** A service ends by itself. */
  end(kind: HotspotPart['kind'], problem: Problem): void {
    this.standing.delete(kind);
    this.listener?.ended(kind, problem);
  }

  #stand(part: HotspotPart): null {
    this.standing.set(hotspotPartKey(part), part);
    return null;
  }
}

/** A journal that lasts as long as the test. */
export function memoryHotspotJournal(first: readonly HotspotRecord[] = []): HotspotJournal & { isFull: boolean } {
  let records = first;
  const full: OperationResult = {
    ok: false,
    retry: 'retryable',
    code: 'state.unwritable',
    message: 'the disk is full',
  };
  return {
    isFull: false,
    get records() {
      return records;
    },
    put(record) {
      if (this.isFull) return full;
      const key = hotspotPartKey(record.part);
      records = [...records.filter(({ part }) => hotspotPartKey(part) !== key), record];
      return done;
    },
    remove(key) {
      records = records.filter(({ part }) => hotspotPartKey(part) !== key);
      return done;
    },
  };
}
