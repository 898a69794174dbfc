/**
 * `npm run test:mutation [-- --file FILE] [--changed] [--with-model]`: changes the state logic in thousands of small ways,
 * one at a time and in memory only, and asks whether a test notices.
 *
 * A survivor is a hole in the tests, unless test/mutation/survivors.json says why it changes nothing. Exits 1 when one is
 * not listed there, when one that is listed is killed or gone, and when less than 95 % are killed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findMutants } from './find-mutants.ts';
import { tryAll } from './pool.ts';
import { complaints, isAlive, judge, table, type Survivors } from './verdict.ts';

const { values } = parseArgs({
  options: {
    /** Only this file; may be given several times. */
    file: { type: 'string', multiple: true },
    /** Only files that differ from the last commit. */
    changed: { type: 'boolean', default: false },
    /** The model-based tests, too. */
    'with-model': { type: 'boolean', default: false },
    /** One process less for each that is wanted elsewhere. */
    processes: { type: 'string', default: '2' },
  },
});

const root = resolve(import.meta.dirname, '../..');
const find = (pattern: string): readonly string[] => globSync(pattern, { cwd: root }).toSorted();
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

const sources = find('src/machines/*.ts').map((path) => ({ path, source: read(path) }));
const differing = (): readonly string[] =>
  execFileSync('git', ['status', '--porcelain', '--', 'src/machines'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .map((line) => line.slice(3));
const wanted = values.changed ? differing() : (values.file ?? sources.map(({ path }) => path));
const chosen = sources.filter(({ path }) => wanted.includes(path));
if (chosen.length === 0) {
  console.log(
    values.changed ? 'no file of src/machines differs from the last commit' : 'there is no such file in src/machines',
  );
  process.exit(values.changed ? 0 : 2);
}

const setup = {
  root,
  tests: find(`test/{unit,property${values['with-model'] ? ',model' : ''}}/machines/**/*.test.ts`),
  sources,
  // Whole days of a node take seconds; what they show is shown by quicker ones, too.
  without: ['1 % of loss on every uplink', 'SEL-2: an uplink whose delay jumps while it carries the traffic'],
  propertyRuns: 50,
};
const mutants = chosen.flatMap(({ path, source }) => findMutants(path, source));
const began = performance.now();
let done = 0;
const outcomes = await tryAll(mutants, setup, Number(values.processes), (mutant, outcome) => {
  done++;
  if (isAlive(outcome)) console.log(`${done}/${mutants.length} ${mutant.file}:${mutant.line} ${outcome.kind}`);
});

const survivorsFile = resolve(root, 'test/mutation/survivors.json');
const known = existsSync(survivorsFile)
  ? (JSON.parse(readFileSync(survivorsFile, 'utf8')) as Survivors[]).flatMap((group) => group.mutants)
  : [];
const tried = mutants.flatMap((mutant, position) => {
  const outcome = outcomes[position];
  return outcome === undefined ? [] : [[mutant, outcome] as const];
});
const verdict = judge(
  chosen.map(({ path }) => path),
  tried,
  known,
);
const wrong = complaints(verdict);
console.log(`\n${table(verdict)}\n`);
for (const complaint of wrong) console.log(complaint);
console.log(`${mutants.length} mutants in ${((performance.now() - began) / 1000).toFixed(0)} s`);
process.exitCode = wrong.length > 0 ? 1 : 0;
