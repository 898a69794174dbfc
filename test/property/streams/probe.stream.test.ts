import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLost } from '../../../src/model/probe.ts';
import { milliseconds } from '../../../src/model/units.ts';
import type { ProbeEvent } from '../../../src/streams/probe.stream.ts';
import { dice } from '../../fakes/dice.ts';
import type { Fate } from '../../fakes/prober.ts';
import { active, eight, intent, one, probeBench } from '../../unit/streams/probe-bench.ts';

const minute = 60_000;
const seed = fc.integer({ min: 1, max: 1e6 });
const hostile: readonly Fate[] = [
  20,
  20,
  20,
  20,
  350,
  2900,
  'silence',
  'silence',
  'throw',
  'reject',
  { after: 4, failure: 'unreachable' },
  { after: 30, failure: 'refused' },
  { after: 30, failure: 'captivePortal' },
  { after: 1030, retransmitted: true },
];
const anyFate = (random: () => number) => (): Fate => hostile[Math.floor(random() * hostile.length)] ?? 20;

/** One active uplink and some standbys, of which some are probed rarely and some are not reachable. */
const standby = fc.record({
  interval: fc.constantFrom(5000, 5000, 10_000, 300_000).map(milliseconds),
  isReachable: fc.boolean(),
});
const uplinks = fc
  .array(standby, { maxLength: 3 })
  .map((standbys) => [active(2)].concat(standbys.map((more, n) => intent(3 + n, more))));

test('HLTH-4: whichever target dies, whenever, and with whatever uplinks, nobody loses a sample by it', async () => {
  await fc.assert(
    fc.asyncProperty(
      uplinks,
      seed,
      fc.constantFrom(one, eight),
      fc.integer({ min: 0, max: 20_000 }),
      async (intents, chance, dead, death) => {
        const random = dice(chance);
        const { time, lossesTold, blames, intents$, rounds } = probeBench({
          intents: [],
          random,
          fate: ({ target, index, at }) =>
            target === dead && at >= death ? 'silence' : 10 + 25 * index + random() * 20,
        });
        for (const count of intents.keys()) {
          intents$.next(intents.slice(0, count + 1));
          await time.run(random() * 3000);
        }
        await time.runTo(minute);
        expect(lossesTold()).toEqual([]);
        expect(blames().length).toBeGreaterThan(0);
        // Nothing was kept back for ever either.
        expect(rounds(2).length).toBeGreaterThanOrEqual(11);
      },
    ),
    { numRuns: 80 },
  );
});

test('HLTH-5: on a standby uplink bursts start at least 30 s apart, whatever is lost and suspected', async () => {
  await fc.assert(
    fc.asyncProperty(seed, fc.array(fc.integer({ min: 100, max: 4000 }), { maxLength: 30 }), async (chance, pauses) => {
      const random = dice(chance);
      const { time, rounds, prober, signals$ } = probeBench({
        intents: [active(2), intent(3)],
        random,
        fate: anyFate(random),
      });
      for (const pause of pauses) {
        await time.run(pause);
        signals$.next({ index: 3, family: 'ipv4' });
      }
      await time.runTo(2 * minute);
      const told = rounds(3)
        .filter(({ round }) => round.cause === 'burst')
        .map(({ round }) => round.startedAt);
      const starts = told.toSorted((a, b) => a - b).filter((at, n, all) => n === 0 || at - (all[n - 1] ?? 0) > 3000);
      expect(starts.every((at, n) => n === 0 || at - (starts[n - 1] ?? 0) > 30_000 - 2500)).toBe(true);
      // In two minutes: a round each 4.5 s, four bursts, and a cross-check of each target each 2 s.
      const most = 2 * (Math.ceil((2 * minute) / 4500) + 1 + 4 * 10) + ((2 * minute) / 2000) * 2;
      expect(prober.sent.filter(({ index }) => index === 3).length).toBeLessThanOrEqual(most);
    }),
    { numRuns: 40 },
  );
});

test('HLTH-5: a late answer names a loss that was told, once, and events are in the order of time', async () => {
  await fc.assert(
    fc.asyncProperty(uplinks, seed, async (intents, chance) => {
      const random = dice(chance);
      const { time, events, errors } = probeBench({ intents, random, fate: anyFate(random) });
      await time.runTo(minute);
      const open = new Set<string>();
      const ids = new Set<number>();
      const wrong: ProbeEvent[] = [];
      for (const event of events) {
        if (event.type === 'probe.finished') {
          if (event.round.samples.length === 0 || ids.has(event.round.id)) wrong.push(event);
          ids.add(event.round.id);
          for (const sample of event.round.samples.filter(isLost)) open.add(`${event.round.id} ${sample.target}`);
        } else if (event.type === 'probe.answeredLate') {
          if (!open.delete(`${event.round} ${event.sample.target}`)) wrong.push(event);
        }
      }
      expect(wrong).toEqual([]);
      expect(events.every(({ at }, n) => n === 0 || at >= (events[n - 1]?.at ?? 0))).toBe(true);
      expect(errors).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('HLTH-4: each blame is told once and cleared once, in turn', async () => {
  await fc.assert(
    fc.asyncProperty(uplinks, seed, async (intents, chance) => {
      const random = dice(chance);
      const { time, events } = probeBench({ intents, random, fate: anyFate(random) });
      await time.runTo(minute);
      const blamed = new Set<string>();
      const wrong: ProbeEvent[] = [];
      for (const event of events) {
        if (event.type !== 'target.blamed' && event.type !== 'target.cleared') continue;
        const key = `${event.target} ${event.index}`;
        if (blamed.has(key) !== (event.type === 'target.cleared')) wrong.push(event);
        if (event.type === 'target.blamed') blamed.add(key);
        else blamed.delete(key);
      }
      expect(wrong).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('whenever it ends, and whatever was wanted, every probe is aborted and every timer ended', async () => {
  await fc.assert(
    fc.asyncProperty(
      seed,
      fc.array(fc.tuple(fc.subarray([active(2), intent(3), intent(4, { path: 'other' }), intent(4)]), fc.nat(4000)), {
        maxLength: 8,
      }),
      async (chance, wishes) => {
        const random = dice(chance);
        const { time, prober, intents$, subscription } = probeBench({ intents: [], random, fate: anyFate(random) });
        for (const [intents, pause] of wishes) {
          intents$.next(intents);
          await time.run(pause);
        }
        intents$.next([]);
        expect([prober.underWay, time.pending]).toEqual([0, 0]);
        intents$.next([active(2)]);
        await time.run(random() * 3000);
        subscription.unsubscribe();
        expect([prober.underWay, time.pending]).toEqual([0, 0]);
      },
    ),
    { numRuns: 60 },
  );
});
