import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parseSync, Visitor } from 'oxc-parser';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const document = textOf('docs/requirements.md');
const nameOfRequirement = /\b(?:DISC|HLTH|SCOR|SEL|LIFE|ROUT|API|AP|SECU|QOS|TETH)-\d+\b/gu;
const separator = ' › ';

interface Entry {
  readonly name: string;
  readonly status: string;
  readonly text: string;
  /** As written: `path › title`, or `path › title › title within`. */
  readonly citations: readonly string[];
}

/** One entry for each heading `### NAME · status`. */
const entries: readonly Entry[] = document
  .split(/^### /mu)
  .slice(1)
  .map((part) => {
    const [heading = ''] = part.split('\n');
    const [name = '', status = ''] = heading.split(' · ');
    const text = part.slice(heading.length).split(/^## /mu)[0] ?? '';
    return { name, status, text, citations: [...text.matchAll(/^- `([^`]+)`$/gmu)].map(([, cited = '']) => cited) };
  });

/** The names in the table of what is not there at all. */
const announced: readonly string[] = [...document.matchAll(/^\| ([A-Z]+-\d+) +\|/gmu)].map(([, name = '']) => name);

interface Callee {
  readonly type: string;
  readonly name?: unknown;
  readonly object?: Callee;
  readonly callee?: Callee;
}

/** What a call begins with: `test` of `test.each([…])('…')`. */
function rootOf({ type, name, object, callee }: Callee): unknown {
  if (type === 'Identifier') return name;
  const inner = type === 'MemberExpression' ? object : type === 'CallExpression' ? callee : undefined;
  return inner === undefined ? undefined : rootOf(inner);
}

/** The titles in a file of tests, each after those that it stands within; `%s` and `$name` as they are written. */
function titlesIn(path: string): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const open: { readonly end: number; readonly title: string }[] = [];
  new Visitor({
    CallExpression({ callee, arguments: [first], start, end }) {
      const isTitled = ['test', 'describe'].includes(String(rootOf(callee)));
      if (!isTitled || first?.type !== 'Literal' || typeof first.value !== 'string') return;
      while ((open.at(-1)?.end ?? Infinity) < start) open.pop();
      open.push({ end, title: first.value });
      found.push(open.map(({ title }) => title));
    },
  }).visit(parseSync(path, textOf(path), { lang: 'ts', sourceType: 'module' }).program);
  return found;
}

const titles: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  readdirSync(new URL('test', root), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(?:test|contract|suite)\.ts$/u.test(path))
    .map((path) => [`test/${path}`, titlesIn(`test/${path}`)]),
);

/** Why a citation leads nowhere; null when it leads to a test. */
function whyMissing(citation: string): string | null {
  const [path = '', ...cited] = citation.split(separator);
  if (!existsSync(new URL(path, root))) return `${path} does not exist`;
  const isThere = titles.get(path)?.some((chain) => chain.slice(-cited.length).join() === cited.join());
  return isThere === true && cited.length > 0 ? null : `${path} has no test "${cited.join(separator)}"`;
}

describe('docs/requirements.md', () => {
  test('cites only tests that exist', () => {
    const missing = entries.flatMap(({ name, citations }) =>
      citations.flatMap((citation) => {
        const why = whyMissing(citation);
        return why === null ? [] : [`${name}: ${why}`];
      }),
    );
    expect(missing).toEqual([]);
  });

  test('lists every requirement that the title of a test begins with', () => {
    const listed = new Set([...entries.map(({ name }) => name), ...announced]);
    const begun = [...titles].flatMap(([path, chains]) =>
      chains.flatMap((chain) => {
        const beginning = /^(?:[A-Z]+-\d+(?:, |\b))+/u.exec(chain.at(-1) ?? '')?.[0] ?? '';
        return [...beginning.matchAll(nameOfRequirement)].map(([name]) => `${name} (${path})`);
      }),
    );
    expect(begun.length).toBeGreaterThan(100);
    expect(begun.filter((name) => !listed.has(name.split(' ')[0] ?? ''))).toEqual([]);
  });

  test('names each requirement once, with a status that its text bears out', () => {
    const names = [...entries.map(({ name }) => name), ...announced];
    expect(names.filter((name, position) => names.indexOf(name) !== position)).toEqual([]);
    const wrong = entries.filter(({ status, text, citations }) => {
      const saysWhatIsMissing = /^\*\*Not there yet:\*\* \S/mu.test(text);
      if (status === 'shown') return citations.length === 0 || saysWhatIsMissing;
      if (status === 'partly') return !saysWhatIsMissing;
      return status !== 'not there yet' || citations.length > 0;
    });
    expect(wrong.map(({ name, status }) => `${name}: ${status}`)).toEqual([]);
  });

  test('has every citation where it is looked for', () => {
    const written = document.match(/`test\/[^`]+ › [^`]+`/gu) ?? [];
    expect(written.length).toBe(entries.reduce((sum, { citations }) => sum + citations.length, 0));
  });
});
