import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timeUntilReuse } from '../../../src/machines/interface/damping.decisions.ts';
import { asDelay } from '../../../src/machines/delay.decisions.ts';
import { holdDown } from '../../../src/machines/interface/interface.decisions.ts';
import { restartBackOff } from '../../../src/machines/node/node.decisions.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import type { LifecycleState } from '../../../src/model/status.ts';
import { instant, milliseconds } from '../../../src/model/units.ts';
import { InterfaceBench } from '../../unit/machines/interface-bench.ts';

type Known = 'healthy' | 'degraded' | 'failed';

/** The table of LIFE-1 and the wait of LIFE-2, with nothing of a statechart in it: time is looked at, not waited for. */
class LifecycleModel {
  state: LifecycleState = 'probing';
  verdict: Known | null = null;
  #enteredAt = 0;
  #pending: { to: LifecycleState; dueAt: number } | null = null;

  static readonly table: Readonly<
    Record<LifecycleState, Readonly<Record<Known, readonly [LifecycleState, number] | null>>>
  > = {
    up: { healthy: null, degraded: ['degraded', 15_000], failed: ['degraded', 0] },
    degraded: { healthy: ['up', 0], degraded: null, failed: ['down', 30_000] },
    down: { healthy: ['probing', 60_000], degraded: ['probing', 60_000], failed: null },
    probing: { healthy: ['up', 10_000], degraded: ['degraded', 0], failed: ['down', 0] },
  };

  advance(to: number): void {
    while (this.#pending !== null && this.#pending.dueAt <= to) this.#enter(this.#pending.to, this.#pending.dueAt);
  }

  judge(verdict: Known, now: number): void {
    if (verdict === this.verdict) return;
    const goesOn = this.state === 'down' && this.verdict !== null && this.verdict !== 'failed' && verdict !== 'failed';
    this.verdict = verdict;
    if (!goesOn) this.#consider(now);
  }

  lose(now: number): void {
    this.verdict = null;
    this.#pending = null;
    if (this.state !== 'down') this.#enter('down', now);
  }

  gain(now: number): void {
    if (this.state === 'down') this.#enter('probing', now);
  }

  #enter(state: LifecycleState, now: number): void {
    this.state = state;
    this.#enteredAt = now;
    this.#consider(now);
  }

  #consider(now: number): void {
    const row = this.verdict === null ? null : LifecycleModel.table[this.state][this.verdict];
    this.#pending = null;
    if (row === null) return;
    const dueAt = Math.max(now + row[1], this.#enteredAt + 5000);
    if (dueAt <= now) this.#enter(row[0], now);
    else this.#pending = { to: row[0], dueAt };
  }
}

describe('LIFE-1, LIFE-2: the lifecycle', () => {
  /** Steps of time at and about the limits: an even choice would hardly ever hit one. */
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(0, 1, 4999, 5000, 9999, 10_000, 14_999, 15_000, 29_999, 30_000, 59_999, 60_000),
    },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 70_000 }) },
  );
  const event = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('healthy' as const, 'degraded' as const, 'failed' as const) },
    { weight: 1, arbitrary: fc.constantFrom('lose' as const, 'gain' as const) },
  );

  test('does what the table says, whatever happens when', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, event), { maxLength: 25 }), (steps) => {
        const bench = new InterfaceBench();
        const model = new LifecycleModel();
        let isPresent = true;
        for (const [wait, what] of steps) {
          bench.clock.advance(wait);
          const now = bench.clock.now();
          model.advance(now);
          if (what === 'lose' || what === 'gain') {
            bench.change({ hasCarrier: what === 'gain' });
            if (what === 'lose' && isPresent) model.lose(now);
            if (what === 'gain' && !isPresent) model.gain(now);
            isPresent = what === 'gain';
          } else if (isPresent) {
            bench.judge(what);
            model.judge(what, now);
          }
          expect(bench.state).toBe(model.state);
        }
        bench.actor.stop();
        expect(bench.clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('every delay is a number that a timer takes, whatever the configuration and the hour', () => {
    const holds = ['upToDegraded', 'degradedToDown', 'downToProbing', 'probingToUp', 'minStateDuration'] as const;
    const duration = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }));
    fc.assert(
      fc.property(
        fc.record({ hold: duration, stay: duration, since: duration, now: duration, merit: fc.nat(4000) }),
        (given) => {
          const { context } = new InterfaceBench();
          const hold = milliseconds(given.hold);
          const lifecycle = {
            upToDegraded: hold,
            degradedToDown: hold,
            downToProbing: hold,
            probingToUp: hold,
            minStateDuration: milliseconds(given.stay),
          };
          const made = {
            ...context,
            config: { ...context.config, lifecycle },
            since: instant(given.since),
            now: instant(given.now),
            damping: { merit: given.merit, at: instant(given.since) },
          };
          const delays = [
            ...holds.map((name) => holdDown(made, name)),
            asDelay(timeUntilReuse(made.damping, made.now, defaultConfig.selection.damping)),
            restartBackOff({ count: given.merit, at: made.now, message: '' }),
          ];
          for (const delay of delays) {
            expect(Number.isFinite(delay)).toBe(true);
            expect(delay).toBeGreaterThanOrEqual(0);
            expect(delay).toBeLessThan(2 ** 31);
          }
        },
      ),
    );
    expect(asDelay(Number.NaN)).toBeLessThan(2 ** 31);
  });
});
