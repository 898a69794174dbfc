import { begin, figure, movedAwayFrom, outageOf, patienceMs, type FailoverCell, type Outcome } from './play.ts';

/** A: the cable of the uplink that carries the traffic is pulled. */
export const carrierLost = (runs: number): FailoverCell => ({
  cell: 'A',
  runs,
  async run({ lab, meter, running }) {
    const uplink = await begin(meter, lab);
    await running.beforeFault?.();
    await uplink.pull();
    await movedAwayFrom(meter, uplink.name);
    const report = await meter.report();
    await running.afterFault?.();
    await uplink.plug();
    await uplink.untilCarrier(true);
    return outageOf(report);
  },
});

/** A′: the same on interfaces that look like NICs, right after another link's event. */
export const carrierLostLate = (runs: number): FailoverCell => ({
  cell: 'A′',
  runs,
  lab: { nicLike: true },
  async run({ lab, meter }) {
    const uplink = await begin(meter, lab);
    const other = lab.uplinks.findLast(({ name }) => name !== uplink.name) ?? uplink;
    // The kernel has told of this one when the next one goes: that one it may tell of a second later.
    await other.pull();
    await other.untilCarrier(false);
    await uplink.pull();
    await movedAwayFrom(meter, uplink.name);
    const report = await meter.report();
    await Promise.all([uplink.plug(), other.plug()]);
    await Promise.all([uplink.untilCarrier(true), other.untilCarrier(true)]);
    return outageOf(report);
  },
});

/** B: the uplink that carries the traffic is taken down by hand. */
export const administrativelyDown = (runs: number): FailoverCell => ({
  cell: 'B',
  runs,
  async run({ lab, meter }) {
    const uplink = await begin(meter, lab);
    await uplink.adminDown();
    await movedAwayFrom(meter, uplink.name);
    const report = await meter.report();
    await uplink.adminUp();
    return outageOf(report);
  },
});

/** E: the better uplink returns, after it was away long enough for its gateway to be forgotten. */
export const betterReturns = (runs: number): FailoverCell => ({
  cell: 'E',
  runs,
  async run({ lab, meter, running }): Promise<Outcome> {
    const better = await begin(meter, lab);
    await better.pull();
    const backup = await movedAwayFrom(meter, better.name);
    if (backup.uplink === better.name) return outageOf(backup);
    // The kernel gives up on a silent neighbour after three seconds.
    await meter.until(({ atMs }) => atMs - backup.atMs > 4000, 'four seconds pass');
    await meter.report();
    meter.reset();
    await better.plug();
    await meter.until(({ uplink, silentMs }) => uplink === better.name && silentMs < 50, 'the traffic returns', 90_000);
    const moved = await meter.peek();
    await meter.until(({ sent }) => sent - moved.sent > 1500, 'the traffic settles', patienceMs);
    const report = await meter.report();
    await running.ready(meter);
    // The run is long: what counts is the gap at the switch, not whatever else made the machine stand still.
    return {
      figures: [
        figure('gap at the switch ms', 'ms', report.switchGapMs),
        figure('worst gap ms', 'ms', Math.max(report.outageMs, report.silentMs)),
        ...outageOf(report).figures.slice(1),
      ],
    };
  },
});

/** G: the address of the uplink that carries the traffic is flushed, and with it every route that needs it. */
export const addressFlushed = (runs: number): FailoverCell => ({
  cell: 'G',
  runs,
  async run({ lab, meter }) {
    const uplink = await begin(meter, lab);
    await uplink.flushAddress();
    await movedAwayFrom(meter, uplink.name);
    const report = await meter.report();
    await uplink.renew();
    try {
      await uplink.untilReady('ipv4');
    } catch {
      return { ...outageOf(report), hasGivenUp: true, note: 'the address had not been restored 15 s later' };
    }
    return outageOf(report);
  },
});
