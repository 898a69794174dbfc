import { describe, expect, test } from 'vitest';
import { milliseconds } from '../../../src/model/units.ts';
import { active, eight, intent, one, probeBench } from './probe-bench.ts';

describe('rounds', () => {
  test('HLTH-1: the first round is sent at once, all targets of the family together, from the uplink’s address', async () => {
    const { time, prober, events } = probeBench({ intents: [active(2)] });
    expect(prober.sent).toEqual([
      { target: one, index: 2, at: 0, source: '192.0.2.2', timeout: 3000 },
      { target: eight, index: 2, at: 0, source: '192.0.2.2', timeout: 3000 },
    ]);
    await time.run(20);
    expect(events).toEqual([
      {
        type: 'probe.finished',
        at: 20,
        index: 2,
        family: 'ipv4',
        path: '192.0.2.2 via 192.0.2.254',
        round: {
          id: 1,
          startedAt: 0,
          cause: 'interval',
          samples: [
            { target: one, rtt: 20, failure: null, retransmitted: false },
            { target: eight, rtt: 20, failure: null, retransmitted: false },
          ],
        },
      },
    ]);
  });

  test('HLTH-1: a round is sent each interval, measured from start to start', async () => {
    const { time, sentBy } = probeBench({ intents: [active(2)], fate: () => 100 });
    await time.run(15_500);
    expect(sentBy(2)).toEqual([0, 5000, 10_000, 15_000]);
  });

  test('rounds that may start together do, and each interval is still random', async () => {
    const draws = [0.1, 0.9, 0.3, 0.7, 0.5, 0, 1];
    let draw = 0;
    const random = () => draws[draw++ % draws.length] ?? 0.5;
    const { time, sentBy, intents$ } = probeBench({ intents: [active(2)], random });
    await time.run(400);
    intents$.next([active(2), intent(3), intent(4, { interval: milliseconds(300_000) })]);
    await time.run(600_000);
    const [first, second, rare] = [2, 3, 4].map((index) => sentBy(index));
    const isLater = (at: number) => at > 60_000;
    expect(second?.filter(isLater)).toEqual(first?.filter(isLater));
    const gaps = (sent: readonly number[] = []) => sent.slice(1).map((at, before) => at - (sent[before] ?? 0));
    for (const sent of [first, second]) {
      expect(gaps(sent).every((gap) => gap >= 4500 && gap <= 5500)).toBe(true);
      expect(new Set(gaps(sent).map(Math.round)).size).toBeGreaterThan(3);
    }
    expect(gaps(rare).every((gap) => gap >= 270_000 && gap <= 330_000)).toBe(true);
  });

  test('HLTH-5: intervals vary by up to a tenth either way', async () => {
    const draws = [0, 0.999_999, 0.5];
    const { time, sentBy } = probeBench({ intents: [active(2)], random: () => draws.shift() ?? 0.5 });
    await time.run(16_000);
    expect(sentBy(2).map(Math.round)).toEqual([0, 4500, 10_000, 15_000]);
  });

  test('HLTH-8: with the defaults and no loss, two probes in five seconds are all that is sent', async () => {
    const { time, prober } = probeBench({ intents: [active(2), intent(3)] });
    await time.run(599_000);
    // A TCP probe is four packets of at most 60 bytes.
    expect((prober.sent.length * 4 * 60) / 2 / 600).toBeLessThanOrEqual(100);
  });

  test('each family is probed by its own targets; one without targets is not', async () => {
    const targets = { ipv4: [], ipv6: probeTargets6 };
    const { time, prober, rounds } = probeBench({
      intents: [active(2), active(2, { family: 'ipv6', path: 'six' })],
      config: { targets },
    });
    await time.run(100);
    expect(prober.sent.map(({ target }) => target)).toEqual(['icmp://[2001:db8::1]']);
    expect(rounds()).toMatchObject([{ family: 'ipv6', path: 'six' }]);
  });
});

const probeTargets6 = [{ kind: 'icmp', text: 'icmp://[2001:db8::1]', family: 'ipv6', address: '2001:db8::1' }] as const;

describe('intents that change', () => {
  test('an uplink that is no longer wanted is not probed any more, and what is under way is aborted', async () => {
    const { time, prober, intents$, events } = probeBench({ intents: [active(2), intent(3)], fate: () => 1000 });
    await time.run(10);
    intents$.next([active(2)]);
    expect(prober.aborted).toBe(2);
    await time.run(10_000);
    expect(events.every((event) => 'index' in event && event.index === 2)).toBe(true);
    expect(prober.sent.filter(({ index }) => index === 3)).toHaveLength(2);
  });

  test('HLTH-7: another path starts anew: old probes are aborted, the first round is sent at once', async () => {
    const { time, prober, intents$, rounds } = probeBench({ intents: [active(2)], fate: () => 50 });
    await time.run(10);
    intents$.next([active(2, { path: 'another', source: '192.0.2.99' })]);
    await time.run(100);
    expect(prober.aborted).toBe(2);
    expect(prober.sent.slice(2)).toMatchObject([{ source: '192.0.2.99', at: 10 }, { at: 10 }]);
    expect(rounds()).toMatchObject([{ path: 'another', round: { id: 2 } }]);
  });

  test('a new role or interval takes effect without a new start; the time since the last round counts', async () => {
    const { time, intents$, sentBy } = probeBench({ intents: [intent(2)] });
    await time.run(2000);
    intents$.next([active(2)]);
    await time.run(2000);
    expect(sentBy(2)).toEqual([0]);
    intents$.next([active(2, { interval: milliseconds(1000) })]);
    await time.run(1500);
    expect(sentBy(2)).toEqual([0, 4000, 5000]);
    intents$.next([active(2, { interval: milliseconds(60_000) })]);
    await time.run(58_000);
    expect(sentBy(2)).toEqual([0, 4000, 5000]);
  });

  test('HLTH-8: a rarely probed uplink has a burst when it is made active, a freshly probed one has none', async () => {
    const { time, intents$, sentBy } = probeBench({
      intents: [intent(2, { interval: milliseconds(300_000) }), intent(3)],
    });
    await time.run(60_000);
    const before = sentBy(3).length;
    intents$.next([active(2, { interval: milliseconds(30_000) }), active(3)]);
    await time.run(2300);
    expect(sentBy(2).filter((at) => at > 0)).toHaveLength(11);
    expect(sentBy(3)).toHaveLength(before);
  });

  test('after the end nothing is under way: every probe is aborted and every timer ended', async () => {
    const { time, prober, subscription, intents$, signals$, events } = probeBench({
      intents: [active(2), intent(3)],
      fate: ({ target }) => (target === one ? 'silence' : 30),
    });
    await time.run(1500);
    expect(prober.underWay).toBeGreaterThan(0);
    const told = events.length;
    subscription.unsubscribe();
    expect(prober.underWay).toBe(0);
    expect(time.pending).toBe(0);
    expect([intents$.observed, signals$.observed]).toEqual([false, false]);
    await time.run(10_000);
    expect(events).toHaveLength(told);
  });

  test('an intent that is changed in answer to an event does not disturb the event', async () => {
    const bench = probeBench({ intents: [active(2), intent(3)], fate: ({ index }) => (index === 2 ? 'silence' : 20) });
    const { time, rounds, intents$, events, prober } = bench;
    const push = events.push.bind(events);
    events.push = (...all) => {
      const count = push(...all);
      if (all[0]?.type === 'probe.finished' && all[0].index === 2) intents$.next([active(3)]);
      return count;
    };
    await time.run(19_000);
    expect(rounds(2)).toHaveLength(1);
    expect(rounds(3).length).toBeGreaterThan(2);
    expect(prober.underWay).toBe(0);
  });
});

describe('time-outs', () => {
  test('HLTH-5: before the first sample one second is waited, then smoothed RTT and variation, at least 200 ms', async () => {
    let isSilent = true;
    const { time, rounds } = probeBench({
      intents: [intent(2)],
      fate: () => (isSilent ? 'silence' : 20),
      config: { burstRounds: 1 },
    });
    await time.run(4000);
    expect(rounds()[0]).toMatchObject({
      at: 1000,
      round: { samples: [{ failure: 'timeout' }, { failure: 'timeout' }] },
    });
    isSilent = false;
    await time.runTo(9000);
    isSilent = true;
    await time.runTo(11_000);
    expect(rounds().at(-1)).toMatchObject({ at: 10_200, round: { startedAt: 10_000 } });
  });

  test('HLTH-5: an answer after the time-out undoes the loss, and raises the estimate', async () => {
    let rtt = 20;
    const { time, events, rounds } = probeBench({ intents: [intent(2)], fate: () => rtt, config: { burstRounds: 1 } });
    await time.run(4000);
    rtt = 600;
    await time.runTo(5700);
    const finished = rounds()[1];
    expect(finished).toMatchObject({ at: 5200, round: { samples: [{ rtt: null }, { rtt: null }] } });
    expect(events.filter(({ type }) => type === 'probe.answeredLate').slice(0, 2)).toEqual([
      expect.objectContaining({
        at: 5600,
        round: finished?.round.id,
        sample: { target: one, rtt: 600, failure: null, retransmitted: false },
      }),
      expect.objectContaining({ at: 5600, round: finished?.round.id }),
    ]);
    await time.runTo(11_000);
    expect(rounds().at(-1)).toMatchObject({ at: 10_600, round: { samples: [{ rtt: 600 }, { rtt: 600 }] } });
  });

  test('HLTH-5: an answer after probe.timeout is none', async () => {
    const { time, events } = probeBench({ intents: [intent(2)], fate: () => 3001 });
    await time.run(20_000);
    expect(events.filter(({ type }) => type === 'probe.answeredLate')).toEqual([]);
  });

  test('a loss that is confirmed after its time-out is no news', async () => {
    const { time, events } = probeBench({
      intents: [intent(2)],
      fate: () => ({ after: 1500, failure: 'unreachable' }),
    });
    await time.run(2000);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['probe.finished']));
  });

  test('an answer that is there when the time-out ends is no loss: a busy process reads its sockets after its timers', async () => {
    const { time, rounds, lossesTold, prober } = probeBench({
      intents: [intent(2)],
      fate: ({ at }) => (at === 0 ? 1000 : 20),
    });
    await time.run(1000);
    expect([rounds().length, lossesTold(), prober.sent.length]).toEqual([1, [], 2]);
  });

  test('a probe that its prober never ends is aborted after probe.timeout', async () => {
    const { time, prober } = probeBench({ intents: [intent(2)], fate: ({ at }) => (at === 0 ? 'hang' : 20) });
    await time.run(2990);
    expect(prober.aborted).toBe(0);
    await time.run(20);
    expect(prober.aborted).toBe(2);
  });

  test('HLTH-5: an answer that needed a retransmission is a lost sample that reached its target, and no estimate', async () => {
    const { time, rounds, sentBy } = probeBench({
      intents: [intent(2)],
      fate: ({ at }) => (at === 0 ? { after: 900, retransmitted: true } : at < 5000 ? 30 : 'silence'),
    });
    await time.run(900);
    const sample = { rtt: null, failure: 'timeout', retransmitted: true };
    expect(rounds()[0]).toMatchObject({ at: 900, round: { samples: [sample, sample] } });
    // It is a loss, so there is a burst; its answers of 30 ms would give a time-out of 200 ms, with 900 ms in it they would not.
    expect(sentBy(2)).toHaveLength(2);
    await time.runTo(5200);
    expect(rounds().at(-1)).toMatchObject({ at: 5200, round: { startedAt: 5000 } });
  });

  test('HLTH-5: a retransmitted answer that comes late keeps the sample lost and says that the way is open', async () => {
    const { time, events } = probeBench({
      intents: [intent(2)],
      fate: ({ at }) => (at === 0 ? { after: 1030, retransmitted: true } : 30),
    });
    await time.run(1100);
    expect(events.filter(({ type }) => type === 'probe.answeredLate')).toMatchObject([
      { sample: { target: one, rtt: null, retransmitted: true } },
      { sample: { target: eight, rtt: null, retransmitted: true } },
    ]);
  });

  test.each(['refused', 'captivePortal'] as const)('%s is an answer and no loss', async (failure) => {
    const { time, rounds, sentBy } = probeBench({ intents: [active(2)], fate: () => ({ after: 40, failure }) });
    await time.run(3000);
    expect(rounds()[0]).toMatchObject({
      at: 40,
      round: {
        samples: [
          { rtt: 40, failure },
          { rtt: 40, failure },
        ],
      },
    });
    expect(sentBy(2)).toHaveLength(1);
  });

  test('a failure that is certain is not waited for', async () => {
    const { time, rounds } = probeBench({ intents: [intent(2)], fate: () => ({ after: 3, failure: 'unreachable' }) });
    await time.run(5);
    expect(rounds()[0]).toMatchObject({ at: 3, round: { samples: [{ rtt: null, failure: 'unreachable' }, {}] } });
  });

  test.each(['throw', 'reject'] as const)(
    'a prober that errs (%s) is contained, and says nothing of the link',
    async (fate) => {
      const { time, rounds, errors, sentBy, blames } = probeBench({
        intents: [active(2)],
        fate: ({ target }) => (target === one ? fate : 20),
      });
      await time.run(60_100);
      expect(errors).toEqual([]);
      expect(rounds()).toHaveLength(13);
      expect(rounds()[0]?.round.samples).toMatchObject([{ failure: 'internal' }, { rtt: 20 }]);
      expect([sentBy(2).length, blames()]).toEqual([13, []]);
    },
  );
});

describe('HLTH-5: bursts', () => {
  const dark = () => 'silence' as const;

  test('a lost sample starts ten rounds at 250 ms, the first at once, none waiting for the last', async () => {
    const { time, sentBy, rounds, intents$ } = probeBench({ intents: [active(2)], fate: dark });
    await time.run(2100);
    // Two rounds have failed: the burst goes on, and no other follows it.
    intents$.next([active(2, { isReachable: false })]);
    await time.run(2000);
    expect(sentBy(2)).toEqual([0, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 2750, 3000, 3250]);
    expect(rounds()[1]).toMatchObject({ at: 2000, round: { cause: 'burst', startedAt: 1000 } });
  });

  test('a signal starts a burst on its uplink and no other', async () => {
    const { time, sentBy, signals$ } = probeBench({ intents: [active(2), intent(3)] });
    await time.run(1000);
    signals$.next({ index: 2, family: 'ipv4' });
    signals$.next({ index: 2, family: 'ipv6' });
    signals$.next({ index: 77, family: 'ipv4' });
    await time.run(3000);
    expect(sentBy(2)).toHaveLength(11);
    expect(sentBy(3)).toHaveLength(1);
  });

  test('a burst that runs is neither extended nor doubled, and the interval goes on beside it', async () => {
    const { time, sentBy, signals$ } = probeBench({ intents: [active(2)] });
    await time.runTo(4000);
    signals$.next({ index: 2, family: 'ipv4' });
    await time.run(700);
    signals$.next({ index: 2, family: 'ipv4' });
    await time.runTo(14_000);
    expect(sentBy(2)).toEqual([0, 4000, 4250, 4500, 4750, 5000, 5000, 5250, 5500, 5750, 6000, 6250, 10_000]);
  });

  test('on a standby uplink, and on one known to be unreachable, at most one burst starts in 30 s', async () => {
    for (const probed of [intent(2), active(2, { isReachable: false })]) {
      const { time, signals$, rounds } = probeBench({ intents: [probed], fate: dark });
      for (let second = 1; second <= 60; second++) {
        signals$.next({ index: 2, family: 'ipv4' });
        await time.runTo(second * 1000);
      }
      await time.run(1000);
      expect(rounds().filter(({ round }) => round.cause === 'burst')).toHaveLength(20);
    }
  });

  test('lone losses on the active uplink start one burst in an interval; a round that nothing answered starts one at once', async () => {
    for (const [all, bursts] of [
      [false, 1],
      [true, 2],
    ] as const) {
      const { time, rounds } = probeBench({
        intents: [active(2)],
        random: () => 0,
        fate: ({ target, at }) =>
          (at === 4500 && target === one) || (at === 9000 && (all || target === one)) ? 'silence' : 20,
      });
      await time.runTo(13_000);
      expect(rounds().filter(({ round }) => round.cause === 'burst')).toHaveLength(10 * bursts);
    }
  });

  test('a new path of a standby uplink gives no new burst within 30 s', async () => {
    const { time, intents$, prober } = probeBench({ intents: [intent(2)], fate: dark });
    for (let path = 1; path <= 5; path++) {
      await time.run(4000);
      intents$.next([]);
      intents$.next([intent(2, { path: `${path}` })]);
    }
    await time.run(4000);
    // Six paths, each with its first round, and one burst.
    expect(prober.sent).toHaveLength(2 * (6 + 10));
  });

  test('a black hole has failed twice running 450 ms after a signal', async () => {
    let isOpen = true;
    const { time, rounds, signals$ } = probeBench({
      intents: [active(2), intent(3)],
      fate: ({ index }) => (isOpen || index === 3 ? 30 : 'silence'),
    });
    await time.run(7000);
    isOpen = false;
    signals$.next({ index: 2, family: 'ipv4' });
    await time.run(450);
    const [first, second] = rounds(2).filter(({ at }) => at > 7000);
    expect([first?.at, second?.at]).toEqual([7200, 7450]);
    expect([first, second].flatMap((event) => event?.round.samples.map(({ rtt }) => rtt))).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  test('a black hole with no traffic has failed twice running at most 450 ms after the next round', async () => {
    let isOpen = true;
    const { time, rounds } = probeBench({ intents: [active(2)], fate: () => (isOpen ? 30 : 'silence') });
    await time.run(9000);
    isOpen = false;
    await time.runTo(10_450);
    expect(
      rounds()
        .slice(-2)
        .map(({ at }) => at),
    ).toEqual([10_200, 10_400]);
  });
});
