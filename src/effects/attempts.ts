import type { Problem } from '../model/errors.ts';
import type { Operation, OperationResult } from '../model/network.ts';
import { linkOf, operationKey } from './operations.ts';

/** Failed attempts before an operation is given up for a while. */
const maxFailures = 5;
/** Wait after the first failure, in milliseconds; doubled after each. Long enough for a link that is coming up. */
const firstWait = 50;
/** Successes that did not last, before backhauld stops putting an object back at once. */
const maxPutBacks = 5;
/** How long an operation that was given up is left alone, in milliseconds, unless something changes before. */
const givenUpFor = 60_000;
/** An operation that was not needed for so long, in milliseconds, starts anew. */
const forgottenAfter = 60_000;

interface Attempts {
  readonly operation: Operation;
  failures: number;
  putBacks: number;
  /** Not to be tried before. */
  notBefore: number;
  lastTried: number;
  hasGivenUp: boolean;
  /** Someone was told. */
  isReported: boolean;
}

/** What became worse or better, for those who are told of failures. */
export type AttemptNews =
  | { readonly type: 'operation.failed'; readonly object: string; readonly problem: Problem }
  | { readonly type: 'operation.recovered'; readonly object: string };

/** What a reconciler or a follower tells of its work. */
export type WorkReport<One extends Operation> =
  | AttemptNews
  | { readonly type: 'operation.executed'; readonly operation: One; readonly result: OperationResult };

/**
 * Counts the attempts at each operation, so that what cannot be done is neither tried for ever nor holds up the rest.
 *
 * A failure that may pass is tried again after 50, 100, 200 and 400 ms; a fifth one, or one for good, is given up for a
 * minute (`routing.gaveUp`), or until what it depends on changes (`lift`). Something that others undo again and again
 * is put back at once five times, then once a second, twice as slowly each time.
 */
export class AttemptLimiter {
  readonly #attempts = new Map<string, Attempts>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes what came of an operation; tells when that is news. */
  record(operation: Operation, result: OperationResult): AttemptNews | null {
    const now = this.#now();
    const key = operationKey(operation);
    const known = this.#attempts.get(key);
    const one: Attempts = known ?? {
      operation,
      failures: 0,
      putBacks: 0,
      notBefore: now,
      lastTried: now,
      hasGivenUp: false,
      isReported: false,
    };
    this.#attempts.set(key, one);
    one.lastTried = now;
    one.hasGivenUp = false;
    // "Satisfied" is as good as done; if it is planned again nevertheless, that is one more put-back.
    if (result.ok || result.retry === 'satisfied') return this.#succeed(one, now);

    one.failures += 1;
    if (result.retry === 'permanent' || one.failures >= maxFailures) {
      this.#giveUp(one, now);
      one.isReported = true;
      const tries = one.failures === 1 ? 'once' : `${one.failures} times`;
      return failed(operation, {
        code: 'routing.gaveUp',
        subject: operation.target,
        message: `${operation.type} failed ${tries}, at last with ${result.code}: ${result.message}`,
        remedy: 'it is tried again in a minute, or when the network changes',
      });
    }
    one.notBefore = now + firstWait * 2 ** (one.failures - 1);
    if (one.isReported) return null;
    one.isReported = true;
    return failed(operation, { code: result.code, subject: operation.target, message: result.message });
  }

  #succeed(one: Attempts, now: number): AttemptNews | null {
    one.failures = 0;
    one.putBacks += 1;
    if (one.putBacks <= maxPutBacks) return null;
    one.notBefore = now + Math.min(givenUpFor, 1000 * 2 ** (one.putBacks - maxPutBacks - 1));
    one.hasGivenUp = true;
    if (one.isReported) return null;
    one.isReported = true;
    return failed(one.operation, {
      code: 'routing.gaveUp',
      subject: one.operation.target,
      message: `${one.operation.type} was done ${one.putBacks} times, and undone by someone else each time`,
      remedy: 'find out which program does it; from now on backhauld is slower to put it back',
    });
  }

  #giveUp(one: Attempts, now: number): void {
    one.hasGivenUp = true;
    one.notBefore = now + givenUpFor;
    // One more failure after that, and it is given up again.
    one.failures = maxFailures - 1;
  }

  /** Operations that are not to be tried now, by `operationKey`. */
  blocked(): ReadonlySet<string> {
    if (this.#attempts.size === 0) return nothing;
    const now = this.#now();
    const keys = new Set<string>();
    for (const [key, { notBefore }] of this.#attempts) if (notBefore > now) keys.add(key);
    return keys;
  }

  /** Takes notice of what is still wanted: the rest has come true, or is wanted no more. */
  settle(stillWanted: Iterable<Operation>): readonly AttemptNews[] {
    if (this.#attempts.size === 0) return [];
    const now = this.#now();
    const wanted = new Set<string>();
    for (const operation of stillWanted) wanted.add(operationKey(operation));
    const news: AttemptNews[] = [];
    for (const [key, one] of this.#attempts) {
      if (wanted.has(key)) continue;
      const isFight = one.putBacks > maxPutBacks && now - one.lastTried < forgottenAfter;
      if (one.isReported && !isFight) {
        news.push({ type: 'operation.recovered', object: one.operation.target });
        one.isReported = false;
      }
      one.failures = 0;
      if (one.putBacks === 0 || now - one.lastTried >= forgottenAfter) this.#attempts.delete(key);
    }
    return news;
  }

  /** Something else is wanted of the network: doing and undoing until now was no fight with others. */
  forgivePutBacks(): void {
    for (const [key, one] of this.#attempts) {
      if (one.failures > 0 || one.isReported) continue;
      this.#attempts.delete(key);
    }
  }

  /** The link an operation depends on has changed: it may succeed now. True when there is such an operation. */
  lift(linkIndex: number): boolean {
    let isAny = false;
    for (const one of this.#attempts.values()) {
      if (one.failures === 0 || linkOf(one.operation) !== linkIndex) continue;
      one.failures = 0;
      one.notBefore = this.#now();
      one.hasGivenUp = false;
      isAny = true;
    }
    return isAny;
  }

  /** When the next of the operations that were blocked at a time may be tried; null when none was. */
  nextChance(after: number): number | null {
    const times = [...this.#attempts.values()].map(({ notBefore }) => notBefore).filter((time) => time > after);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Whether an operation was given up, as opposed to being tried again soon. */
  hasGivenUp(operation: Operation): boolean {
    return this.#attempts.get(operationKey(operation))?.hasGivenUp ?? false;
  }
}

const nothing: ReadonlySet<string> = new Set();

const failed = (operation: Operation, problem: Problem): AttemptNews => ({
  type: 'operation.failed',
  object: operation.target,
  problem,
});
