import type { LifecycleConfig } from '../../../src/model/config.ts';
import type { Verdict } from '../../../src/model/probe.ts';
import type { LifecycleState } from '../../../src/model/status.ts';

interface Row {
  readonly from: LifecycleState;
  readonly on: readonly Verdict[];
  readonly holdDown: Exclude<keyof LifecycleConfig, 'minStateDuration'> | null;
  readonly to: LifecycleState;
}

/** LIFE-1, row by row; what presence does stands in `lose` and `find`. */
const table: readonly Row[] = [
  { from: 'up', on: ['degraded'], holdDown: 'upToDegraded', to: 'degraded' },
  { from: 'up', on: ['failed'], holdDown: null, to: 'degraded' },
  { from: 'degraded', on: ['healthy'], holdDown: null, to: 'up' },
  { from: 'degraded', on: ['failed'], holdDown: 'degradedToDown', to: 'down' },
  { from: 'down', on: ['healthy', 'degraded'], holdDown: 'downToProbing', to: 'probing' },
  { from: 'probing', on: ['healthy'], holdDown: 'probingToUp', to: 'up' },
  { from: 'probing', on: ['degraded'], holdDown: null, to: 'degraded' },
  { from: 'probing', on: ['failed'], holdDown: null, to: 'down' },
];

/** Of two waits that end at the same instant, the one that began first ends first. */
let waits = 0;

/** LIFE-1 and LIFE-2 without a statechart: time is looked at, not waited for. */
export class LifecycleModel {
  state: LifecycleState = 'probing';
  since: number;
  pending: { readonly row: Row; readonly dueAt: number; readonly order: number } | null = null;
  #verdict: Verdict = 'unknown';
  readonly #config: LifecycleConfig;

  constructor(config: LifecycleConfig, isPresent: boolean, now: number) {
    this.#config = config;
    this.since = now;
    if (!isPresent) this.lose(now);
  }

  advance(now: number): void {
    while (this.pending !== null && this.pending.dueAt <= now) this.#enter(this.pending.row.to, this.pending.dueAt);
  }

  judge(verdict: Verdict, now: number): void {
    this.#verdict = verdict;
    const row = this.#row();
    if (row !== (this.pending?.row ?? null)) this.#wait(row, now);
  }

  /** The run before left it in this state, with this verdict. */
  recall(state: LifecycleState, since: number, verdict: Verdict, now: number): void {
    this.#verdict = verdict;
    this.state = state;
    this.since = since;
    this.#wait(this.#row(), now);
  }

  /** Carrier, address or the interface itself. */
  lose(now: number): void {
    this.#verdict = 'unknown';
    this.pending = null;
    if (this.state !== 'down') this.#enter('down', now);
  }

  /** Carrier and address are there again. */
  find(now: number): void {
    if (this.state === 'down') this.#enter('probing', now);
  }

  #row(): Row | null {
    return table.find(({ from, on }) => from === this.state && on.includes(this.#verdict)) ?? null;
  }

  #enter(state: LifecycleState, at: number): void {
    this.state = state;
    this.since = at;
    this.#wait(this.#row(), at);
  }

  #wait(row: Row | null, now: number): void {
    this.pending = null;
    if (row === null) return;
    const hold = row.holdDown === null ? 0 : this.#config[row.holdDown];
    const dueAt = Math.max(now + hold, this.since + this.#config.minStateDuration);
    if (dueAt <= now) this.#enter(row.to, now);
    else this.pending = { row, dueAt, order: ++waits };
  }
}
