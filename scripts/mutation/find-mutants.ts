/** All mutants of a source file, in the order in which they stand there. */
import type { Node } from 'oxc-parser';
import { chartEdits, chartIn } from './chart-operators.ts';
import { codeEdits } from './code-operators.ts';
import { told, type Edit, type Mutant } from './mutant.ts';
import { childrenOf, isErased, isFunction, nameOf, parse } from './syntax.ts';

export function findMutants(file: string, source: string): readonly Mutant[] {
  const found = new Map<string, Mutant>();
  const add = (edit: Edit, within: string, owner: number | null): void => {
    const { start, end, text } = edit;
    if (source.slice(start, end) === text) return;
    const line = source.slice(0, start).split('\n').length;
    const key = `${start} ${end} ${text}`;
    if (!found.has(key)) found.set(key, { file, line, within, owner, start, end, text, ...told(source, edit) });
  };

  const visit = (node: Node, parent: Node | undefined, around: readonly string[], owner: number | null): void => {
    const name = ownName(node);
    const path = name === undefined ? around : [...around, name];
    const inner = isFunction(node) ? node.start : owner;
    if (isErased(node)) return;
    const chart = chartIn(node);
    for (const edit of chart === undefined ? codeEdits(node, parent, source) : chartEdits(chart, source)) {
      add(edit, 'within' in edit && typeof edit.within === 'string' ? edit.within : path.join('.'), inner);
    }
    for (const child of childrenOf(node)) {
      if (child === chart?.root) visitFunctions(child, path);
      else visit(child, node, path, inner);
    }
  };

  /** In a chart only what is written in functions is ordinary code. */
  const visitFunctions = (node: Node, path: readonly string[]): void => {
    for (const child of childrenOf(node)) {
      if (isFunction(child)) visit(child, node, path, null);
      else visitFunctions(child, path);
    }
  };

  visit(parse(file, source), undefined, [], null);
  return [...found.values()].toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function ownName(node: Node): string | undefined {
  if (node.type === 'VariableDeclarator') return node.id.type === 'Identifier' ? node.id.name : undefined;
  if (node.type === 'FunctionDeclaration') return node.id?.name;
  return node.type === 'Property' && node.value.type !== 'Identifier' ? nameOf(node) : undefined;
}

/** The same source, in which each function says that it is entered: `__enter(START)`. */
export function withEntries(file: string, source: string): string {
  const inserts: { readonly at: number; readonly text: string }[] = [];
  const visit = (node: Node): void => {
    if (isFunction(node) && 'body' in node && node.body !== null && 'start' in node.body) {
      const { body } = node;
      const call = `__enter(${node.start})`;
      if (body.type === 'BlockStatement') inserts.push({ at: body.start + 1, text: `${call};` });
      else inserts.push({ at: body.start, text: `(${call}, ` }, { at: body.end, text: ')' });
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(parse(file, source));
  return inserts
    .toSorted((a, b) => b.at - a.at)
    .reduce((text, insert) => text.slice(0, insert.at) + insert.text + text.slice(insert.at), source);
}
