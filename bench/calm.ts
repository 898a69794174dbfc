import { setTimeout as wait } from 'node:timers/promises';
import { targets } from '../lab/topology.ts';
import { begin, figure, outageOf, type FailoverCell, type Outcome } from './play.ts';

/** F: the cable of the uplink that carries the traffic comes and goes, a second each, for 20 s. */
export const flapping = (cell: string, runs: number, nicLike: boolean): FailoverCell => ({
  cell,
  runs,
  lab: { nicLike },
  isFresh: true,
  async run({ lab, meter }) {
    const uplink = await begin(meter, lab);
    await uplink.flap(1000, 1000, 20);
    await wait(3000);
    const report = await meter.report();
    const [, ...figures] = outageOf(report).figures;
    return { figures: [...figures, figure('worst gap ms', 'ms', Math.max(report.outageMs, report.silentMs))] };
  },
});

/** S: each of the targets in turn is dead for everyone. */
export const deadTargets = (seconds: number): FailoverCell => ({
  cell: 'S',
  runs: targets.length,
  async run({ lab, meter, running, run }): Promise<Outcome> {
    const target = lab.target(targets[run] ?? targets[0]);
    await begin(meter, lab);
    let ranking = await running.ranking?.();
    let changes = 0;
    const end = performance.now() + seconds * 1000;
    await target.kill();
    while (performance.now() < end) {
      await wait(250);
      const now = await running.ranking?.();
      if (now !== ranking) changes += 1;
      ranking = now;
    }
    const report = await meter.report();
    await target.revive();
    return {
      figures: [
        figure('switches', 'switches', report.switches),
        figure('changes of the ranking', 'switches', ranking === undefined ? Number.NaN : changes),
        figure('lost', 'lost', report.lost),
      ],
    };
  },
});
