import { createLab, type Lab, type LabOptions } from '../lab/lab.ts';
import type { Meter, MeterReport } from '../lab/meter.ts';
import type { LabUplink } from '../lab/uplink.ts';
import type { Contender, Running } from './contender.ts';
import { reasonOf, type Result, type Series } from './results.ts';

export interface Stage {
  readonly lab: Lab;
  readonly meter: Meter;
  readonly running: Running;
  /** The number of this run, from 0. */
  readonly run: number;
}

export interface Figure {
  readonly what: string;
  readonly unit: Series['unit'];
  readonly value: number;
}

/** What one run came to. The first figure is the one that contenders are compared by. */
export interface Outcome {
  readonly figures: readonly Figure[];
  /** Whoever is asked again will do no better. */
  readonly hasGivenUp?: boolean;
  readonly note?: string;
}

export interface FailoverCell {
  readonly cell: string;
  readonly runs: number;
  readonly lab?: LabOptions;
  /** Each run has a lab and a contender of its own, which remember nothing of the one before. */
  readonly isFresh?: boolean;
  /** One run: the fault, the measurement, and the repair. */
  readonly run: (stage: Stage) => Promise<Outcome>;
}

/** How long is waited for the traffic to move; an outage this long is as good as none that ends. */
export const patienceMs = 15_000;

/** Plays one cell with one contender in a lab of its own, or in one for each run. */
export async function playCell(cell: FailoverCell, contender: Contender): Promise<Result> {
  const label = { cell: cell.cell, contender: contender.name };
  const missing = await contender.missing();
  if (missing !== null) return { ...label, notRun: missing };
  const runs = Math.min(cell.runs, contender.mostRuns ?? cell.runs);
  const outcomes: Outcome[] = [];
  try {
    if (!cell.isFresh) await playRuns(cell, contender, { from: 0, to: runs }, outcomes);
    for (let run = 0; cell.isFresh && run < runs && !outcomes.some(({ hasGivenUp }) => hasGivenUp); run += 1) {
      await playRuns(cell, contender, { from: run, to: run + 1 }, outcomes);
    }
  } catch (error) {
    if (outcomes.length === 0) return { ...label, notRun: `failed: ${reasonOf(error)}` };
    return { ...label, ...summary(outcomes), note: `run ${outcomes.length + 1} failed: ${reasonOf(error)}` };
  }
  return { ...label, ...summary(outcomes) };
}

async function playRuns(
  cell: FailoverCell,
  contender: Contender,
  runs: { readonly from: number; readonly to: number },
  outcomes: Outcome[],
): Promise<void> {
  await using lab = await createLab({ ...contender.lab, ...cell.lab });
  const running = await contender.start(lab);
  try {
    const meter = await lab.meter();
    for (let run = runs.from; run < runs.to; run += 1) {
      await running.ready(meter);
      await isSteady(meter);
      const outcome = await cell.run({ lab, meter, running, run });
      outcomes.push(outcome);
      if (outcome.hasGivenUp === true) break;
    }
  } finally {
    await running.end();
  }
}

function summary(outcomes: readonly Outcome[]): { readonly series: readonly Series[]; readonly note?: string } {
  const [first] = outcomes;
  const notes = [...new Set(outcomes.flatMap(({ note }) => note ?? []))];
  return {
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
    series: (first?.figures ?? []).map(({ what, unit }, position) => ({
      what,
      unit,
      values: outcomes.map(({ figures }) => figures[position]?.value ?? Number.NaN),
    })),
  };
}

export const figure = (what: string, unit: Figure['unit'], value: number): Figure => ({ what, unit, value });

/** What the traffic went through, as every cell tells it. */
export function outageOf(report: MeterReport, patience = patienceMs): Outcome {
  const { outageMs, silentMs, lost, switches, ownDelayMs } = report;
  return {
    figures: [
      figure('outage ms', 'ms', Math.max(outageMs, silentMs)),
      figure('lost', 'lost', lost),
      figure('switches', 'switches', switches),
      figure("meter's own delay ms", 'ms', ownDelayMs),
    ],
    ...(silentMs >= patience ? { hasGivenUp: true, note: `not moved after ${patience / 1000} s` } : {}),
  };
}

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
export async function begin(meter: Meter, lab: Lab): Promise<LabUplink> {
  const { uplink } = await meter.report();
  meter.reset();
  return lab.uplink(uplink ?? '');
}

/** Resolves when the traffic goes by another uplink, or when nobody is to be waited for any more. */
export async function movedAwayFrom(meter: Meter, name: string, patience = patienceMs): Promise<MeterReport> {
  const hasMoved = ({ uplink, silentMs }: MeterReport) => uplink !== name && silentMs < 50;
  return meter.until((report) => hasMoved(report) || report.silentMs > patience, 'an answer', 2 * patience);
}
