import { setTimeout as wait } from 'node:timers/promises';
import { Daemon } from '../lab/daemon.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { compareSnapshots, snapshotNetwork } from '../lab/network-snapshot.ts';
import { planUplinks } from '../lab/topology.ts';
import { config, isReady, type Contender } from './contender.ts';
import { KernelWatch } from './kernel-watch.ts';
import { cpuSeconds, pssAloneMegabytes, pssMegabytes } from './process-cost.ts';
import type { Result } from './results.ts';

const contender = 'backhauld';

/** Resolves when every uplink answers. */
export async function whenHealthy(lab: Lab, daemon: Daemon): Promise<void> {
  await daemon.until(
    ({ interfaces, active }) =>
      active.ipv4 !== null &&
      interfaces.length === lab.uplinks.length &&
      interfaces.every(({ verdict }) => verdict.ipv4 === 'healthy'),
    'every uplink is healthy',
    30_000,
  );
}

/** K: killed and started again, many times, with traffic all the while. */
export async function killAndRestart(times: number): Promise<Result> {
  await using lab = await createLab();
  const before = await snapshotNetwork(lab.node);
  const daemon = new Daemon(lab, { config });
  await daemon.start();
  const meter = await lab.meter();
  await isReady(daemon, meter);
  const first = await daemon.status();
  const sameAgain: number[] = [];
  meter.reset();
  for (let time = 0; time < times; time += 1) {
    await daemon.kill();
    const began = performance.now();
    daemon.launch();
    await daemon.until(
      ({ active }) =>
        active.ipv4?.iface === first.active.ipv4?.iface && active.ipv6?.iface === first.active.ipv6?.iface,
      'the same uplinks are active',
      10_000,
    );
    const plan = await daemon.plan();
    sameAgain.push(plan.length === 0 ? performance.now() - began : Number.POSITIVE_INFINITY);
  }
  const report = await meter.report();
  await meter.close();
  const code = await daemon.stop();
  const { missing, additional } = compareSnapshots(before, await snapshotNetwork(lab.node));
  const left = missing.length + additional.length;
  return {
    cell: 'K',
    contender,
    note: `exit code ${code}, ${left === 0 ? 'nothing left over' : `${left} differences left`}`,
    series: [
      { what: 'same state after ms', unit: 'ms', values: sameAgain },
      { what: 'lost in all', unit: 'lost', values: [report.lost] },
      { what: 'switches in all', unit: 'switches', values: [report.switches] },
    ],
  };
}

/** Processor time with three uplinks and no traffic, in seconds a minute, and what it takes of the memory. */
export async function idleCost(contender: Contender, seconds: number): Promise<Result> {
  const label = { cell: 'CPU', contender: contender.name };
  const missing = await contender.missing();
  if (missing !== null) return { ...label, notRun: missing };
  await using lab = await createLab(contender.lab);
  const running = await contender.start(lab);
  const pids = running.pids ?? [];
  const meter = await lab.meter();
  await running.ready(meter);
  await meter.close();
  // What is compiled and collected right after the start is not idling.
  await wait(5000);
  const before = sumOf(pids, cpuSeconds);
  await wait(seconds * 1000);
  const used = ((sumOf(pids, cpuSeconds) - before) * 60) / seconds;
  const megabytes = sumOf(pids, pssMegabytes);
  await running.end();
  return {
    ...label,
    note: `over ${seconds} s`,
    series: [
      { what: 'CPU s a minute', unit: 's', values: [used] },
      { what: 'PSS MB', unit: 'MB', values: [megabytes] },
    ],
  };
}

const sumOf = (pids: readonly number[], cost: (pid: number) => number): number =>
  pids.reduce((sum, pid) => sum + cost(pid), 0);

/** Memory with ten uplinks, idle. */
export async function memory(): Promise<Result> {
  await using lab = await createLab({ uplinks: planUplinks(10) });
  const daemon = new Daemon(lab, { config });
  await daemon.start();
  await whenHealthy(lab, daemon);
  await wait(10_000);
  const series = [
    { what: 'PSS as if alone MB', unit: 'MB' as const, values: [pssAloneMegabytes(daemon.pid)] },
    { what: 'PSS beside two other Nodes MB', unit: 'MB' as const, values: [pssMegabytes(daemon.pid)] },
  ];
  await daemon.stop();
  return { cell: 'PSS', contender, series };
}

/** From the kernel's telling of a lost carrier to the daemon's first change of a route, seen from beside it. */
export async function eventToRoute(runs: number): Promise<Result> {
  await using lab = await createLab();
  const daemon = new Daemon(lab, { config });
  await daemon.start();
  const meter = await lab.meter();
  const watch = await KernelWatch.start(lab.node);
  if (watch === null) return { cell: 'event', contender, notRun: 'no gcc' };
  const delays: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await isReady(daemon, meter);
    const { uplink: name } = await meter.report();
    const uplink = lab.uplink(name ?? '');
    const change = watch.firstOwnRouteAfterCarrierLoss(uplink.name);
    await uplink.pull();
    delays.push(await change);
    await uplink.plug();
    await uplink.untilCarrier(true);
  }
  await daemon.stop();
  return { cell: 'event', contender, series: [{ what: 'event to route ms', unit: 'ms', values: delays }] };
}

/** From the start of the process to the last of what it takes for traffic to follow its ranking. */
export async function startToRoute(runs: number): Promise<Result> {
  await using lab = await createLab();
  const daemon = new Daemon(lab, { config });
  const watch = await KernelWatch.start(lab.node);
  if (watch === null) return { cell: 'start', contender, notRun: 'no gcc' };
  const delays: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    watch.forget();
    const launchedAt = Number(process.hrtime.bigint()) / 1e6;
    daemon.launch();
    await daemon.until(({ active }) => active.ipv4 !== null, 'an active uplink', 10_000);
    while ((await daemon.plan()).length > 0) await wait(10);
    delays.push(watch.rankedRouteAt() - launchedAt);
    await daemon.stop();
  }
  return { cell: 'start', contender, series: [{ what: 'start to route ms', unit: 'ms', values: delays }] };
}
