import { LastingConnection, type ConnectionReport } from '../lab/connection.ts';
import type { MeterReport } from '../lab/meter.ts';
import { figure, patienceMs, type FailoverCell, type Outcome, type Stage } from './play.ts';

/** How long the uplink is gone, in milliseconds. */
const absence = 12_000;

const isOver = ({ againAtMs, gapMs, silentMs }: ConnectionReport): boolean =>
  againAtMs > 0 || (gapMs > 20 && silentMs < 20);

/**
 * T: the uplink of an established connection is gone for 12 s. The decision is when the meter, whose datagrams are
 * bound to nothing, is answered through another uplink again.
 */
export const stranded = (protocol: 'tcp' | 'mptcp', runs: number): FailoverCell => ({
  cell: protocol === 'tcp' ? 'T' : 'T MPTCP',
  runs,
  isFresh: true,
  async run(stage) {
    const connection = await LastingConnection.start(stage.lab, protocol);
    if (connection === null) throw new Error('there is no compiler');
    try {
      return await measure(stage, connection, protocol);
    } finally {
      await connection.end();
    }
  },
});

async function measure({ lab, meter }: Stage, connection: LastingConnection, protocol: string): Promise<Outcome> {
  const { uplink: name } = await meter.report();
  const uplink = lab.uplink(name ?? '');
  await connection.until(({ received }) => received > 200, 'the connection flows');
  connection.reset();
  meter.reset();
  await uplink.blackhole(true);
  const began = Date.now();
  const hasMoved = ({ uplink: now, silentMs }: MeterReport) => now !== uplink.name && silentMs < 5;
  const moved = await meter.until(
    (report) => hasMoved(report) || report.silentMs > absence,
    'another uplink',
    2 * patienceMs,
  );
  const movedAtMs = hasMoved(moved) ? wallTimeOf(moved.outageAtMs + moved.outageMs) : began + absence;
  let report = await connection.report();
  while (!isOver(report) && Date.now() - began < absence) report = await connection.report();
  await uplink.blackhole(false);
  if (!isOver(report)) report = await connection.until(isOver, 'the old uplink is back', 60_000).catch(() => report);
  const since = (at: number): number => (at > 0 ? Math.max(0, at - movedAtMs) : Number.NaN);
  return {
    figures:
      protocol === 'tcp'
        ? [
            figure('error after the switch ms', 'ms', since(report.errorAtMs)),
            figure('connected again after the switch ms', 'ms', since(report.againAtMs)),
            figure('longest silence ms', 'ms', longest(report)),
          ]
        : [
            figure('silence after the switch ms', 'ms', since(report.gapEndMs)),
            figure('longest silence ms', 'ms', longest(report)),
          ],
    ...(report.error === '' && protocol === 'tcp' ? { note: 'the program was never told' } : {}),
    ...(protocol === 'mptcp' && !report.multipath ? { note: 'the connection was no MPTCP' } : {}),
  };
}

/** A time on CLOCK_MONOTONIC as milliseconds since 1970. */
const wallTimeOf = (monotonicMs: number): number => Date.now() - Number(process.hrtime.bigint()) / 1e6 + monotonicMs;

const longest = ({ gapMs, silentMs }: ConnectionReport): number => Math.max(gapMs, silentMs);
