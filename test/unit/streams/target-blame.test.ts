import { describe, expect, test } from 'vitest';
import { milliseconds } from '../../../src/model/units.ts';
import { dice } from '../../fakes/dice.ts';
import type { Ask, Fate } from '../../fakes/prober.ts';
import { active, eight, intent, one, probeBench } from './probe-bench.ts';

const three = [active(2), intent(3), intent(4)];
/** 8.8.8.8 dies everywhere, or through the given uplinks only. */
const dies =
  (at: number, ...through: readonly number[]) =>
  (ask: Ask): Fate =>
    ask.target === eight && ask.at >= at && (through.length === 0 || through.includes(ask.index)) ? 'silence' : 20;

describe('HLTH-4: a target that dies everywhere', () => {
  test('is blamed within two time-outs, by one cross-check, and costs nobody a sample', async () => {
    const { time, prober, blames, lossesTold, events, rounds } = probeBench({ intents: three, fate: dies(2000) });
    await time.runTo(5350);
    expect(blames()).toEqual([`target.blamed ${eight} everywhere`]);
    // All three lost it in the same instant, so nobody has to be asked; the last to lose it need not have a burst.
    expect(prober.sent.filter(({ at, index }) => at === 5200 && index === 4)).toEqual([]);
    await time.runTo(120_000);
    expect(blames()).toHaveLength(1);
    expect(lossesTold()).toEqual([]);
    expect(prober.sent.filter(({ at }) => at > 10_000 && at % 5000 !== 0)).toEqual([]);
    expect(rounds(2).at(-1)?.round.samples).toEqual([{ target: one, rtt: 20, failure: null, retransmitted: false }]);
    expect(events.every((event) => event.type !== 'probe.answeredLate')).toBe(true);
  });

  test.each([1, 2, 3, 4, 5, 6])('costs nobody a sample with phases and jitter as they come (%i)', async (seed) => {
    const random = dice(seed);
    const { time, intents$, blames, lossesTold } = probeBench({ intents: [], fate: dies(20_000 + seed * 900), random });
    for (let count = 1; count <= 3; count++) {
      intents$.next(three.slice(0, count));
      await time.run(random() * 5000);
    }
    await time.runTo(120_000);
    expect(blames()).toEqual([`target.blamed ${eight} everywhere`]);
    expect(lossesTold()).toEqual([]);
  });

  test('the other uplinks are asked at once, about that target only, and the answer of a cross-check is a round of its own', async () => {
    const { time, intents$, prober, events, rounds } = probeBench({ intents: [active(2)], fate: dies(4000, 2) });
    await time.run(1000);
    intents$.next([active(2), intent(3)]);
    await time.runTo(5250);
    expect(prober.sent.filter(({ at, index }) => at > 5000 && index === 3)).toMatchObject([
      { target: eight, at: 5200 },
    ]);
    expect(rounds(3).at(-1)?.round).toMatchObject({ cause: 'crossCheck', samples: [{ target: eight, rtt: 20 }] });
    expect(events.filter(({ type }) => type === 'target.blamed')).toEqual([]);
  });

  test('is blamed when the cross-check fails too, and what was held back is told then, without the loss', async () => {
    const { time, intents$, events, rounds } = probeBench({ intents: [active(2)], fate: dies(4000) });
    await time.run(1000);
    intents$.next([active(2), intent(3)]);
    await time.runTo(5399);
    expect(rounds(2)).toHaveLength(1);
    await time.runTo(5400);
    expect(events.slice(-3)).toMatchObject([
      { type: 'target.blamed', at: 5400, target: eight, index: null },
      { type: 'probe.finished', at: 5400, index: 2, round: { startedAt: 5000, samples: [{ target: one }] } },
      { type: 'probe.finished', at: 5400, index: 2, round: { startedAt: 5200, samples: [{ target: one }] } },
    ]);
    await time.runTo(20_000);
    expect(rounds(3).every(({ round }) => round.cause === 'interval')).toBe(true);
  });

  test('nobody is asked about a round that nothing answered', async () => {
    const { time, prober } = probeBench({
      intents: three,
      fate: ({ index, at }) => (index === 2 && at >= 4000 ? 'silence' : 20),
    });
    await time.runTo(9000);
    expect(prober.sent.filter(({ index, at }) => index === 3 && at !== 0 && at !== 5000)).toEqual([]);
  });

  test('an uplink that is not reachable is not asked', async () => {
    const { time, intents$, prober } = probeBench({ intents: [active(2)], fate: dies(4000, 2) });
    await time.run(1000);
    intents$.next([active(2), intent(3, { isReachable: false })]);
    await time.runTo(5400);
    expect(prober.sent.filter(({ at, index }) => at > 1000 && index === 3)).toEqual([]);
  });

  test('is cleared when it answers again, by any uplink, and then its losses count again', async () => {
    const { time, blames, lossesTold } = probeBench({
      intents: three,
      fate: (ask) => (ask.target === eight && ask.at >= 2000 && ask.at < 30_000 ? 'silence' : 20),
    });
    await time.runTo(40_000);
    expect(blames()).toEqual([`target.blamed ${eight} everywhere`, `target.cleared ${eight} everywhere`]);
    expect(lossesTold()).toEqual([]);
  });

  test('with a single uplink it is blamed there after ten failures running, and costs no sample before', async () => {
    const { time, blames, lossesTold, rounds } = probeBench({ intents: [active(2)], fate: dies(2000) });
    await time.runTo(7800);
    expect(blames()).toEqual([`target.blamed ${eight} 2`]);
    await time.runTo(60_000);
    expect([lossesTold(), blames().length]).toEqual([[], 1]);
    expect(rounds().every(({ round }) => round.samples.length > 0)).toBe(true);
  });

  test('from the start, it costs nobody a sample either', async () => {
    for (const intents of [three, [active(2)]]) {
      const { time, blames, lossesTold } = probeBench({ intents, fate: dies(0) });
      await time.runTo(60_000);
      expect([blames().length, lossesTold()]).toEqual([1, []]);
    }
  });

  test('while it is blamed, a black hole is told as soon as the others are lost, and blames nobody', async () => {
    const { time, rounds, blames } = probeBench({
      intents: three,
      fate: (ask) => (ask.index === 2 && ask.at >= 20_000 ? 'silence' : dies(0)(ask)),
    });
    await time.runTo(21_000);
    expect(rounds(2).find(({ round }) => round.startedAt >= 20_000)).toMatchObject({
      at: 20_200,
      round: { samples: [{ target: one, rtt: null }] },
    });
    expect(blames()).toHaveLength(1);
  });
});

describe('HLTH-4: a target that dies through one uplink', () => {
  test('is blamed there after ten failures running, and costs that uplink no sample', async () => {
    const { time, blames, lossesTold } = probeBench({ intents: three, fate: dies(2000, 2) });
    await time.runTo(60_000);
    expect([blames(), lossesTold()]).toEqual([[`target.blamed ${eight} 2`], []]);
  });

  test('is cleared when the uplink is gone', async () => {
    const { time, blames, intents$ } = probeBench({ intents: three, fate: dies(2000, 2) });
    await time.runTo(60_000);
    intents$.next(three.slice(1));
    expect(blames()).toEqual([`target.blamed ${eight} 2`, `target.cleared ${eight} 2`]);
  });

  test('cross-checks of a target are at least 2 s apart', async () => {
    const { time, prober } = probeBench({ intents: three, fate: dies(2000, 2) });
    await time.runTo(60_000);
    const checks = prober.sent.filter(({ index, target, at }) => index === 3 && target === eight && at % 5000 !== 0);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.every(({ at }, n) => n === 0 || at - (checks[n - 1]?.at ?? 0) >= 2000)).toBe(true);
  });

  test('HLTH-8: a rarely probed standby is cross-checked at most once in 30 s', async () => {
    const random = dice(7);
    const metered = intent(3, { interval: milliseconds(300_000) });
    const { time, prober } = probeBench({
      intents: [active(2), metered],
      fate: ({ index }) => (index === 2 && random() < 0.3 ? 'silence' : 20),
    });
    await time.runTo(120_000);
    const checks = prober.sent.filter(({ index, at }) => index === 3 && at > 0).map(({ at }) => at);
    expect(checks.length).toBeGreaterThan(2);
    expect(checks.every((at, n) => n === 0 || at - (checks[n - 1] ?? 0) >= 30_000)).toBe(true);
  });
});

describe('losses of a link', () => {
  test.each([11, 12, 13, 14, 15, 16, 17, 18])(
    '30 %% loss on the active uplink is seen within 3 s of the first loss (%i)',
    async (seed) => {
      const random = dice(seed);
      let first = Infinity;
      const { time, lossesTold } = probeBench({
        intents: three,
        fate: ({ index, at }) => {
          if (index !== 2 || at < 12_000 || random() >= 0.3) return 20;
          first = Math.min(first, at);
          return 'silence';
        },
      });
      await time.runTo(60_000);
      const seen = lossesTold(2).filter(({ at }) => at <= first + 3200);
      expect(seen.length).toBeGreaterThanOrEqual(3);
      expect(lossesTold().filter(({ at }) => at <= first + 3200)).toEqual(seen);
    },
  );

  test('a lone loss is told when its target answers again through the same uplink', async () => {
    const { time, lossesTold } = probeBench({
      intents: three,
      fate: ({ index, target, at }) => (index === 2 && target === eight && at === 5000 ? 'silence' : 20),
    });
    await time.runTo(5210);
    expect(lossesTold()).toEqual([]);
    await time.runTo(5220);
    expect(lossesTold()).toEqual([{ at: 5220, target: eight }]);
  });

  test('a late answer releases the round it belongs to', async () => {
    const { time, rounds, events } = probeBench({
      intents: [active(2)],
      fate: ({ target, at }) => (target === eight && at >= 5000 && at < 5900 ? 900 : 20),
      config: { burstRounds: 1 },
    });
    await time.runTo(5950);
    expect(rounds()[1]).toMatchObject({ at: 5900, round: { samples: [{ rtt: 20 }, { target: eight, rtt: 900 }] } });
    expect(events.filter(({ type }) => type === 'probe.answeredLate')).toEqual([]);
  });

  test('a loss that nobody explains in time is left out, and the rest of its round is told', async () => {
    const { time, rounds } = probeBench({
      intents: [intent(2)],
      fate: ({ target, at }) => (target === eight && at >= 5000 ? 'silence' : 20),
      config: { burstRounds: 1 },
    });
    await time.runTo(14_000);
    expect(rounds()[1]).toMatchObject({ at: 13_500, round: { startedAt: 5000, samples: [{ target: one }] } });
    expect(rounds()[1]?.round.samples).toHaveLength(1);
  });

  test('a round that nothing answered is told at once and whole, whatever is held', async () => {
    const { time, rounds } = probeBench({
      intents: three,
      fate: ({ index, target, at }) =>
        index === 2 && ((target === eight && at >= 5000) || at >= 5200) ? 'silence' : 20,
    });
    await time.runTo(5450);
    expect(rounds(2).slice(1)).toMatchObject([
      { at: 5400, round: { startedAt: 5200, samples: [{ rtt: null }, { rtt: null }] } },
    ]);
  });

  test('two kinds of targets, one kind dead: nobody loses a sample', async () => {
    const icmp = (address: string) => ({ kind: 'icmp', text: `icmp://${address}`, family: 'ipv4', address }) as const;
    const tcp = (address: string) =>
      ({ kind: 'tcp', text: `tcp://${address}:53`, family: 'ipv4', address, port: 53 }) as const;
    const targets = { ipv4: [icmp('1.1.1.1'), tcp('1.1.1.1'), icmp('8.8.8.8'), tcp('8.8.8.8')], ipv6: [] };
    const { time, blames, lossesTold } = probeBench({
      intents: three,
      config: { targets },
      fate: ({ target, at }) => (target.startsWith('icmp') && at > 7000 ? 'silence' : 20),
    });
    await time.runTo(60_000);
    expect(blames()).toHaveLength(2);
    expect(lossesTold()).toEqual([]);
  });
});
