/**
 * `npm run bench [-- --quick] [-- --only A,K]`: what users would notice, measured in the virtual node, beside whoever
 * else is installed. Prints tables and writes them to bench/results/. What could not be measured says so.
 */
import { parseArgs } from 'node:util';
import { nativeTool } from '../lab/native.ts';
import { foreignInterfaces, runInSandbox } from '../lab/sandbox.ts';
import { buildBundle } from './bundle.ts';
import { backhauld, kernelAlone, nobody, perfectProgram, type Contender } from './contender.ts';
import { eventToRoute, idleCpu, killAndRestart, memory, startToRoute } from './cost.ts';
import {
  administrativelyDown,
  betterReturns,
  carrierLost,
  carrierLostLate,
  playCell,
  type FailoverCell,
} from './failover.ts';
import { networkManager } from './network-manager.ts';
import { recorderCost } from './recorder.ts';
import { replayOf } from './replay.ts';
import { reasonOf, renderCell, writeResults, type CellPlan, type Result } from './results.ts';

interface Entry extends CellPlan {
  readonly play: () => readonly (() => Promise<Result>)[];
}

const usage = 'usage: npm run bench [-- --quick] [-- --only A,A′,B,E,K,CPU,PSS,event,start,recorder,replay]';

function readOptions(): { readonly quick: boolean; readonly only: readonly string[] } {
  try {
    const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
    // A prime is hard to type.
    const only = (values.only ?? '')
      .split(',')
      .filter(Boolean)
      .map((name) => name.replace(/['2]$/u, '′'));
    return { quick: values.quick === true, only };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return process.exit(2);
  }
}

const { quick, only } = readOptions();
if ((await foreignInterfaces()).length > 0) {
  const bundle = process.env['BACKHAULD'] ?? buildBundle();
  if (bundle === null) {
    console.error('The bundle could not be built: measuring the sources, which start slower and need more memory.\n');
  } else {
    process.env['BACKHAULD'] = bundle;
  }
  process.exit(await runInSandbox());
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const runs = quick ? 3 : 5;
const failover = (cell: FailoverCell, contenders: readonly Contender[]) => () =>
  contenders.map((contender) => () => playCell(cell, contender));
const own = backhauld();

const entries: readonly Entry[] = [
  {
    cell: 'A',
    title: 'carrier lost',
    goal: 'at most 1.5 × the perfect C program, at most 1 lost; the same with the daemon stopped or killed',
    yardstick: perfectProgram.name,
    play: failover(carrierLost(quick ? 3 : 11), [
      own,
      backhauld('stopped'),
      backhauld('killed'),
      perfectProgram,
      kernelAlone,
      networkManager,
      ...(quick ? [] : [nobody]),
    ]),
  },
  {
    cell: 'A′',
    title: 'carrier lost on what looks like a NIC, right after another link event',
    goal: 'worst at most 60 ms with traffic flowing',
    yardstick: perfectProgram.name,
    play: failover(carrierLostLate(runs), [own, perfectProgram, kernelAlone]),
  },
  {
    cell: 'B',
    title: 'administratively down',
    goal: 'at most 3 ms, at most 1 lost',
    yardstick: perfectProgram.name,
    play: failover(administrativelyDown(runs), [own, perfectProgram, kernelAlone, networkManager]),
  },
  {
    cell: 'E',
    title: 'the better uplink returns',
    goal: '0 lost, no gap over 5 ms',
    yardstick: perfectProgram.name,
    play: failover(betterReturns(quick ? 1 : 2), [own, perfectProgram, kernelAlone]),
  },
  {
    cell: 'K',
    title: 'kill -9 and restart',
    goal: '0 lost, nothing left over, same state within 1000 ms',
    play: () => [() => killAndRestart(quick ? 5 : 20)],
  },
  {
    cell: 'CPU',
    title: 'idle, three uplinks, children included',
    goal: 'at most 0.12 CPU s a minute',
    play: () => [() => idleCpu(quick ? 15 : 60)],
  },
  { cell: 'PSS', title: 'idle, ten uplinks', goal: 'at most 75 MB', play: () => [() => memory()] },
  {
    cell: 'event',
    title: 'kernel event to acknowledged route change',
    goal: 'median at most 1 ms',
    play: () => [() => eventToRoute(runs)],
  },
  {
    cell: 'start',
    title: 'start to first correct route, addresses present',
    goal: 'at most 400 ms',
    play: () => [() => startToRoute(runs)],
  },
  {
    cell: 'recorder',
    title: 'flight recorder, 1,000 events a second; and a week of three uplinks with a probe each 5 s',
    goal: 'at most 2 % of a core, no block over 5 ms, a week at most 50 MB',
    play: () => [() => recorderCost(quick ? 3 : 5, quick ? 5 : 10)],
  },
  {
    cell: 'replay',
    title: 'a recording of three busy uplinks, replayed and compared',
    goal: 'a week of IPv4 at most 60 s and 50 MB, at least 1000 × real time',
    play: () => [() => replayOf(quick ? 1 : 7, ['ipv4']), () => replayOf(1, ['ipv4', 'ipv6'])],
  },
];

const unknown = only.filter((name) => !entries.some(({ cell }) => cell === name));
if (unknown.length > 0) {
  console.error(`there is no cell ${unknown.join(', ')}\n${usage}`);
  process.exit(2);
}

const chosen = entries.filter(({ cell }) => only.length === 0 || only.includes(cell));
const startedAt = new Date();
/** What has not begun by then is left out, and says so. */
const lastStart = startedAt.getTime() + (quick ? 160_000 : 560_000);
const results: Result[] = [];
for (const entry of chosen) {
  const began = performance.now();
  for (const play of entry.play()) results.push(await attempt(entry.cell, play));
  console.log(`${renderCell(entry, results)}\n\n(${((performance.now() - began) / 1000).toFixed(0)} s)\n`);
}
const { kind } = await nativeTool('stream');
const daemon = process.env['BACKHAULD'] === undefined ? 'sources' : 'bundle';
const files = await writeResults(
  { startedAt: startedAt.toISOString(), daemon, isQuick: quick, meter: kind },
  chosen,
  results,
);
console.log(files.join('\n'));

/** What fails is a result too, and no reason to stop. */
async function attempt(cell: string, play: () => Promise<Result>): Promise<Result> {
  if (Date.now() > lastStart) return { cell, contender: own.name, notRun: 'no time was left; --only picks cells' };
  try {
    return await play();
  } catch (error) {
    return { cell, contender: own.name, notRun: reasonOf(error) };
  }
}
