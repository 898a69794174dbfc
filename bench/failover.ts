import { createLab, type Lab } from '../lab/lab.ts';
import type { Meter, MeterReport } from '../lab/meter.ts';
import type { Contender, Running } from './contender.ts';
import { reasonOf, type Result } from './results.ts';

interface Stage {
  readonly lab: Lab;
  readonly meter: Meter;
  readonly running: Running;
}

export interface FailoverCell {
  readonly cell: string;
  readonly runs: number;
  readonly nicLike?: boolean;
  /** The run is long: what counts is the gap at the switch, not whatever else made the machine stand still. */
  readonly isLong?: boolean;
  /** One run: the fault, the measurement, and the repair. */
  readonly run: (stage: Stage) => Promise<MeterReport>;
}

/** How long is waited for the traffic to move; an outage this long is as good as none that ends. */
const patienceMs = 15_000;

/** Plays one cell with one contender in a lab of its own. */
export async function playCell(
  { cell, runs, nicLike = false, isLong = false, run }: FailoverCell,
  contender: Contender,
): Promise<Result> {
  const missing = await contender.missing();
  if (missing !== null) return { cell, contender: contender.name, notRun: missing };
  await using lab = await createLab({ ...contender.lab, nicLike });
  const running = await contender.start(lab);
  const meter = await lab.meter();
  const reports: MeterReport[] = [];
  try {
    for (let number = 0; number < Math.min(runs, contender.mostRuns ?? runs); number += 1) {
      await running.ready(meter);
      await isSteady(meter);
      reports.push(await run({ lab, meter, running }));
      // Who does not move at all does not get better by being asked again.
      if (isEndless(reports.at(-1))) break;
    }
  } catch (error) {
    return { cell, contender: contender.name, notRun: `failed after ${reports.length} runs: ${reasonOf(error)}` };
  } finally {
    await running.end();
  }
  return {
    cell,
    contender: contender.name,
    ...(reports.some(isEndless) ? { note: 'the traffic never moved' } : {}),
    series: [
      ...(isLong
        ? [{ what: 'gap at the switch ms', unit: 'ms' as const, values: reports.map(({ switchGapMs }) => switchGapMs) }]
        : []),
      {
        what: isLong ? 'worst gap ms' : 'outage ms',
        unit: 'ms',
        values: reports.map(({ outageMs, silentMs }) => Math.max(outageMs, silentMs)),
      },
      { what: 'lost', unit: 'lost', values: reports.map(({ lost }) => lost) },
      { what: 'switches', unit: 'switches', values: reports.map(({ switches }) => switches) },
      { what: "meter's own delay ms", unit: 'ms', values: reports.map(({ ownDelayMs }) => ownDelayMs) },
    ],
  };
}

const isEndless = (report: MeterReport | undefined): boolean => (report?.silentMs ?? 0) > patienceMs;

/** Resolves when the traffic has flown for a while without a gap. */
async function isSteady(meter: Meter): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    await meter.until(({ silentMs }) => silentMs >= 0 && silentMs < 5, 'traffic flows', patienceMs);
    meter.reset();
    const report = await meter.until(({ sent }) => sent >= 300, 'the meter sends');
    if (report.outageMs < 10 && report.switches === 0) return;
    if (performance.now() > deadline) throw new Error('the traffic does not become steady');
  }
}

/** The uplink that carries the traffic; from here on the meter counts. */
async function begin(meter: Meter, lab: Lab) {
  const { uplink } = await meter.report();
  meter.reset();
  return lab.uplink(uplink ?? '');
}

/** Resolves when the traffic goes by another uplink, or when nobody is to be waited for any more. */
async function movedAwayFrom(meter: Meter, name: string): Promise<MeterReport> {
  const hasMoved = ({ uplink, silentMs }: MeterReport) => uplink !== name && silentMs < 50;
  return meter.until((report) => hasMoved(report) || report.silentMs > patienceMs, 'an answer', 2 * patienceMs);
}

/** A: the carrier of the uplink that carries the traffic goes. */
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
    return report;
  },
});

/** A′: the same on interfaces that look like NICs, right after another link's event. */
export const carrierLostLate = (runs: number): FailoverCell => ({
  cell: 'A′',
  runs,
  nicLike: true,
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
    return report;
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
    return report;
  },
});

/** E: the better uplink returns, after it was away long enough for its gateway to be forgotten. */
export const betterReturns = (runs: number): FailoverCell => ({
  cell: 'E',
  runs,
  isLong: true,
  async run({ lab, meter, running }) {
    const better = await begin(meter, lab);
    await better.pull();
    const backup = await movedAwayFrom(meter, better.name);
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
    return report;
  },
});
