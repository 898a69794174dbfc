import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findMutants } from '../../../scripts/mutation/find-mutants.ts';
import { applied, type Mutant } from '../../../scripts/mutation/mutant.ts';
import { tryAll } from '../../../scripts/mutation/pool.ts';
import type { Outcome } from '../../../scripts/mutation/trial.ts';
import { complaints, judge, table } from '../../../scripts/mutation/verdict.ts';

const root = mkdtempSync(join(tmpdir(), 'backhauld-mutation-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const changes = (source: string): readonly string[] => findMutants('a.ts', source).map(({ after }) => after);
const mutantsOf = (source: string): readonly Mutant[] => findMutants('src/age.ts', source);

describe('the changes that are tried', () => {
  test.each([
    ['a && b;', ['((a) || (b));', '(a);', '(b);', ';']],
    ['a ?? b;', ['(a);', '(b);', ';']],
    ['f(a < 1);', ['f((a <= 1));', 'f((a >= 1));', 'f(a < 2);', 'f(a < 0);', ';']],
    ['if (!a) f();', ['if (true) f();', 'if (false) f();', 'if ((a)) f();', 'if (!a) ;']],
    ['f(a ? b : c);', ['f((b));', 'f((c));', ';']],
    ['f(a?.b);', ['f(a.b);', ';']],
    [
      "f('x', true, [], [a]);",
      ["f('', true, [], [a]);", "f('x', false, [], [a]);", "f('x', true, [null], [a]);", "f('x', true, [], []);", ';'],
    ],
    ['f({ a, b: c });', ['f({ b: c });', 'f({ a });', ';']],
    ['f(a.every(b));', ['f(a.some(b));', ';']],
    ['f(a.filter(b), Math.max(c, d));', ['f(a, Math.max(c, d));', 'f(a.filter(b), Math.min(c, d));', ';']],
    ['const f = () => a;', ['const f = () => undefined;']],
    [
      'function f() { g(); return 1; }',
      [
        'function f() {}',
        'function f() { ; return 1; }',
        'function f() { g(); return 2; }',
        'function f() { g(); return 0; }',
      ],
    ],
  ])('%s', (source, expected) => {
    expect(new Set(changes(source))).toEqual(new Set(expected));
  });

  test.each([
    "import { a } from 'a';",
    "type A = 'a' | 1; interface B { b: true }",
    "/** a && b */ export const a: Record<'a', 1> = b as 'c';",
    "setup({ types: { context: {} as 'a' } });",
  ])('are none in what is gone at run time: %s', (source) => {
    expect(changes(source).filter((after) => after !== ';')).toEqual([]);
  });

  test('in a chart are transitions, targets, guards, actions, delays and initial states', () => {
    const chart = `setup({ delays: { soon: 1, late: 2 } }).createMachine({
  initial: 'a',
  states: {
    a: {
      entry: ['x', 'y'],
      on: { go: [{ guard: 'g', target: 'b' }, { actions: 'z' }] },
      after: { soon: 'b' },
    },
    b: {},
  },
});`;
    const found = findMutants('a.ts', chart).filter(({ line }) => line > 1);
    expect(found.map(({ within, after }) => `${within}: ${after}`)).toEqual([
      ": initial: 'b',",
      'a: ',
      "a: entry: ['y'],",
      "a: entry: ['x'],",
      'a: on: { },',
      "a: on: { go: [{ actions: 'z' }] },",
      "a: on: { go: [{ target: 'b' }, { actions: 'z' }] },",
      "a: on: { go: [{ guard: 'g' }, { actions: 'z' }] },",
      "a: on: { go: [{ guard: 'g', target: 'a' }, { actions: 'z' }] },",
      "a: on: { go: [{ guard: 'g', target: 'b' }] },",
      "a: on: { go: [{ guard: 'g', target: 'b' }, { }] },",
      "a: after: { late: 'b' },",
      'a: after: { },',
      "a: after: { soon: 'a' },",
    ]);
  });

  test('put one thing in the place of another, and leave the rest as it is', () => {
    const source = 'const a = b + c;\nconst d = e;\n';
    const [mutant] = findMutants('a.ts', source);
    expect(mutant).toMatchObject({ line: 1, within: 'a', before: 'const a = b + c;', after: 'const a = (b - c);' });
    expect(mutant === undefined ? '' : applied(source, mutant)).toBe('const a = (b - c);\nconst d = e;\n');
  });
});

describe('a mutant', () => {
  const source = `export const isGrown = (age: number): boolean => age >= 18;
export function countDown(from: number): number {
  let left = from;
  while (left > 0) left--;
  return left;
}
export const unused = (): boolean => true;
`;
  const tests = `import { describe, expect, test } from 'vitest';
import { countDown, isGrown } from '../src/age.ts';
describe('age', () => {
  test.each([[10, false], [30, true]])('of %d', (age, grown) => {
    expect(isGrown(age)).toBe(grown);
  });
  test('runs down', () => {
    expect(countDown(3)).toBe(0);
  });
  test('is awaited', async () => {
    await Promise.resolve();
    expect(isGrown(18)).toBe(true);
  });
});
`;

  test('is killed when a test fails, and survives when all pass', { timeout: 60_000 }, async () => {
    mkdirSync(join(root, 'src'));
    mkdirSync(join(root, 'test'));
    writeFileSync(join(root, 'src/age.ts'), source);
    writeFileSync(join(root, 'test/age.test.ts'), tests);
    const setup = {
      root,
      tests: ['test/age.test.ts'],
      sources: [{ path: 'src/age.ts', source }],
      without: [],
      propertyRuns: 10,
    };
    const mutants = mutantsOf(source);
    const told: string[] = [];
    const outcomes = await tryAll(mutants, setup, 2, ({ line }, { kind }) => told.push(`${line} ${kind}`));
    expect(Object.fromEntries(mutants.map(({ after }, i) => [after, outcomes[i]?.kind]))).toEqual({
      'export const isGrown = (age: number): boolean => undefined;': 'killed',
      'export const isGrown = (age: number): boolean => (age > 18);': 'killed',
      'export const isGrown = (age: number): boolean => (age < 18);': 'killed',
      'export const isGrown = (age: number): boolean => age >= 19;': 'killed',
      'export const isGrown = (age: number): boolean => age >= 17;': 'survived',
      'export const isGrown = (age: number): boolean => age >= 0;': 'killed',
      '{}': 'killed',
      'while ((left >= 0)) left--;': 'killed',
      'while ((left <= 0)) left--;': 'killed',
      'while (false) left--;': 'killed',
      'while (left > 1) left--;': 'killed',
      'while (left > 0) ;': 'endless',
      'while (left > 0) left++;': 'endless',
      'export const unused = (): boolean => undefined;': 'unreached',
      'export const unused = (): boolean => false;': 'unreached',
    });
    expect(told).toHaveLength(mutants.length);
  });
});

describe('the verdict', () => {
  const mutants = mutantsOf('export const isGrown = (age: number): boolean => age >= 18;');
  const tried = (...kinds: readonly Outcome['kind'][]) =>
    mutants.flatMap((mutant, i) => (kinds[i] === undefined ? [] : [[mutant, { kind: kinds[i], by: null }] as const]));
  const listed = mutants.slice(1, 2);

  test('is good when every survivor is listed and enough are killed', () => {
    const run = tried('killed', 'survived', ...Array.from({ length: 4 }, () => 'endless' as const));
    const verdict = judge(
      ['src/age.ts'],
      Array.from({ length: 20 }, () => run[0])
        .flatMap((one) => (one === undefined ? [] : [one]))
        .concat(run),
      listed,
    );
    expect([verdict.percent.toFixed(1), complaints(verdict)]).toEqual(['96.2', []]);
    expect(table(verdict)).toBe(
      [
        'file        mutants  killed  survived     %',
        'src/age.ts       26      25         1  96.2',
        'all              26      25         1  96.2',
      ].join('\n'),
    );
  });

  test('names a survivor that is not listed, and a listed one that is killed or gone', () => {
    const verdict = judge(['src/age.ts'], tried('unreached', 'killed', 'invalid'), listed);
    expect(complaints(verdict)).toEqual([
      'src/age.ts:1 survives unlisted\n    in isGrown\n    - export const isGrown = (age: number): boolean => age >= 18;\n    + export const isGrown = (age: number): boolean => undefined;',
      'src/age.ts is listed, but killed or gone\n    in isGrown\n    - export const isGrown = (age: number): boolean => age >= 18;\n    + export const isGrown = (age: number): boolean => (age > 18);',
      '50.0 % of the mutants are killed, 95 % are required',
    ]);
  });

  test('says nothing of files that were not tried', () => {
    expect(complaints(judge(['src/other.ts'], [], listed))).toEqual([]);
  });
});
