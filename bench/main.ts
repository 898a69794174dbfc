/**
 * `npm run bench [-- --quick] [-- --only A,K]`: what users would notice, measured in the virtual node, beside whoever
 * else is installed. Prints tables and writes them to bench/results/: a full run as `results`, any other as `partial`.
 * What could not be measured says so.
 */
import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { nativeTool } from '../lab/native.ts';
import { foreignInterfaces, runInSandbox } from '../lab/sandbox.ts';
import { buildBundle } from './bundle.ts';
import { entriesFor, type Entry } from './cells.ts';
import { reasonOf, renderCell, writeResults, type Result } from './results.ts';

const cells = entriesFor(false).map(({ cell }) => cell);
const usage = `usage: npm run bench [-- --quick] [-- --only ${cells.join(',')}]`;

function readOptions(): { readonly quick: boolean; readonly only: readonly string[] } {
  try {
    const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
    // Primes and subscripts are hard to type.
    const only = (values.only ?? '')
      .split(',')
      .filter(Boolean)
      .map((name) => name.replace(/['2]$/u, '′').replace(/0$/u, '₀'));
    return { quick: values.quick === true, only };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return process.exit(2);
  }
}

const { quick, only } = readOptions();
const unknown = only.filter((name) => !cells.includes(name));
if (unknown.length > 0) {
  console.error(`there is no cell ${unknown.join(', ')}\n${usage}`);
  process.exit(2);
}
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

const chosen = entriesFor(quick).filter(({ cell, isByNameOnly }) =>
  only.length === 0 ? isByNameOnly !== true : only.includes(cell),
);
const startedAt = new Date();
const load = loadavg().map((average) => average.toFixed(1));
/** What has not begun by then is left out, and says so. */
const lastStart = startedAt.getTime() + (quick ? 400_000 : 2_200_000);
/** In milliseconds. */
const longestPlay = 5 * 60_000;
const results: Result[] = [];
for (const entry of chosen) {
  const began = performance.now();
  const plays = entry.play().map((play) => () => attempt(entry, play));
  if (entry.isPatient) results.push(...(await Promise.all(plays.map((play) => play()))));
  else for (const play of plays) results.push(await play());
  console.log(`${renderCell(entry, results)}\n\n(${((performance.now() - began) / 1000).toFixed(0)} s)\n`);
}
const { kind } = await nativeTool('stream');
const files = await writeResults(
  only.length > 0 || quick ? 'partial' : 'results',
  {
    startedAt: startedAt.toISOString(),
    took: `${((Date.now() - startedAt.getTime()) / 60_000).toFixed(1)} minutes`,
    loadAtStart: load.join(' '),
    loadAtEnd: loadavg()
      .map((average) => average.toFixed(1))
      .join(' '),
    daemon: process.env['BACKHAULD'] === undefined ? 'sources' : 'bundle',
    isQuick: quick,
    meter: kind,
  },
  chosen,
  results,
);
console.log(files.join('\n'));
// Whatever hung would keep this alive.
process.exit(0);

/** What fails is a result too, and so is what hangs: no reason to stop. */
async function attempt({ cell, longest = longestPlay }: Entry, play: () => Promise<Result>): Promise<Result> {
  if (Date.now() > lastStart) return { cell, contender: 'the rest', notRun: 'no time was left; --only picks cells' };
  const began = performance.now();
  const late = wait(longest, undefined, { ref: false }).then(() => {
    throw new Error(`not done within ${longest / 60_000} minutes`);
  });
  try {
    const result = await Promise.race([play(), late]);
    process.stderr.write(`${cell}: ${result.contender}, ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
    return result;
  } catch (error) {
    return { cell, contender: 'backhauld', notRun: reasonOf(error) };
  }
}
