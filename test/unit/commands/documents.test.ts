import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { documents } from '../../../scripts/generate-docs.ts';
import { errorCodes } from '../../../src/model/errors.ts';
import { exitCodeOf } from '../../../src/commands/exit-codes.ts';

const textOf = (file: string): string => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

/** Code → the text below its heading. */
function documentedErrors(): ReadonlyMap<string, string> {
  const parts = textOf('docs/errors.md')
    .split(/^#{2,3} /mu)
    .slice(1);
  return new Map(
    parts
      .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n')).trim()] as const)
      .filter(([heading]) => /^\w+\.\w+$/u.test(heading)),
  );
}

test('docs/errors.md describes every error code, and none that does not exist', () => {
  expect([...documentedErrors().keys()].toSorted()).toEqual(errorCodes.toSorted());
});

test('docs/errors.md says more than a line about each', () => {
  const terse = [...documentedErrors()].filter(([, prose]) => prose.length < 70).map(([code]) => code);
  expect(terse).toEqual([]);
});

test("docs/errors.md's table of exit codes is the one the command uses", () => {
  const rows = [...textOf('docs/errors.md').matchAll(/^\| ([2-4]) +\| (.*?) *\|$/gmu)];
  const documented = (code: string): number => {
    const row = rows.find(
      ([, , names = '']) => names.includes(`\`${code}\``) || names.includes(`\`${code.split('.')[0]}.\``),
    );
    return Number(row?.[1] ?? 1);
  };
  expect(rows).toHaveLength(3);
  expect(errorCodes.map((code) => [code, documented(code)])).toEqual(
    errorCodes.map((code) => [code, exitCodeOf(code)]),
  );
});

test.each([...documents()])('%s is as "npm run generate" makes it', (file, text) => {
  expect(textOf(file)).toBe(text);
});
