/**
 * `npm run test:chaos`: the real daemon on a real kernel, and everything that can go wrong, at random and several at a
 * time. The same seed has the same faults in the same order.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { foreignInterfaces, runInSandbox } from '../../lab/sandbox.ts';
import type { FaultKind } from './fault.ts';
import { draw, playRound, type RoundResult } from './round.ts';

const usage = `usage: npm run test:chaos [-- OPTIONS]

  --seconds N    rounds with one seed after another, for so long (30)
  --seed S       the first seed; any number (of the day, where none is named)
  --rounds N     so many rounds, however long they take
  --length N     steps in a round (25)
  --only LIST    of one round only these steps: 0-4,7,9
  --list         show the steps of the seed, and take none
  --keep DIR     where recording, log and state of a failed round go (${join(tmpdir(), 'backhauld-chaos')})
  --verbose      say each step`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
    length: { type: 'string', default: '25' },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    keep: { type: 'string', default: join(tmpdir(), 'backhauld-chaos') },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** `0-4,7` as numbers. */
function stepsOf(list: string): ReadonlySet<number> {
  const numbers = list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
  return new Set(numbers);
}

if (values.help) {
  console.log(usage);
  process.exit(0);
}
const firstSeed = Number(values.seed ?? Math.floor(Date.now() / 86_400_000));
const length = Number(values.length);
if (values.list) {
  const { variant, steps } = draw(firstSeed, length);
  console.log(JSON.stringify(variant));
  for (const [number, step] of steps.entries()) console.log(`${number}: ${JSON.stringify(step)}`);
  process.exit(0);
}
if ((await foreignInterfaces()).length > 0) process.exit(await runInSandbox());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const began = performance.now();
const endBy = values.rounds === undefined ? began + 1000 * Number(values.seconds) : Infinity;
const rounds = values.only === undefined ? Number(values.rounds ?? Infinity) : 1;
const results: RoundResult[] = [];
while (results.length < rounds && performance.now() < endBy) {
  const seed = firstSeed + results.length;
  const only = values.only === undefined ? {} : { only: stepsOf(values.only) };
  const said: string[] = [];
  const say = (line: string): void => void (values.verbose ? console.log(line) : said.push(line));
  const keep = join(values.keep, String(seed));
  const result = await playRound({ seed, steps: length, ...only, keep, say, endBy });
  results.push(result);
  const { variant, violation, seconds } = result;
  const words = `${variant.config}, ${variant.driver}${variant.isNicLike ? ', late carriers' : ''}${variant.hasNft ? '' : ', no nft'}`;
  console.log(
    `seed ${seed} (${words}): ${result.steps} steps in ${seconds.toFixed(0)} s, ${violation === null ? 'all well' : 'FAILED'}`,
  );
  if (violation !== null) {
    for (const line of said) console.log(line);
    console.log(`${violation}\n\nagain: npm run test:chaos -- --seed ${seed} --rounds 1 --length ${length} --verbose`);
    console.log(`fewer: … --only LIST\nfiles: ${keep} (backhauld replay ${keep}/state/recordings)\n`);
    process.exitCode = 1;
    if (process.env['CHAOS_GO_ON'] !== '1') break;
  }
}

const faults = new Map<FaultKind, number>();
for (const result of results) {
  for (const [kind, count] of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
}
const steps = results.reduce((sum, result) => sum + result.steps, 0);
const seconds = ((performance.now() - began) / 1000).toFixed(0);
const failed = results.filter(({ violation }) => violation !== null).length;
console.log(`${results.length} rounds, ${steps} steps in ${seconds} s, ${failed} failed; faults by kind:`);
console.log(
  [...faults]
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', '),
);
leaveTally(results.length - failed, failed);
process.exit();

/** What `npm test` adds up, in the words of vitest's own report. */
function leaveTally(passed: number, notPassed: number): void {
  const directory = process.env['TEST_TALLY_DIR'];
  if (directory === undefined) return;
  const tally = { numPassedTests: passed, numFailedTests: notPassed, numPendingTests: 0, numTodoTests: 0 };
  writeFileSync(join(directory, `${randomUUID()}.json`), JSON.stringify(tally));
}
