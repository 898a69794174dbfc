import { parseTOML, type AST } from 'toml-eslint-parser';

import type { ConfigPath } from './read-config.ts';

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/**
 * Where each key and value of a TOML text stands. Returns the position of a path, or of the nearest thing above it:
 * a setting that is missing is reported at the head of its table.
 */
export function positionsOf(text: string): (path: ConfigPath) => Position {
  const places = new Map<string, Position>();
  const [document] = parseTOML(text).body;
  for (const node of document.body) {
    if (node.type === 'TOMLKeyValue') {
      notePair(node, []);
    } else {
      note(node.resolvedKey, node.loc.start);
      for (const pair of node.body) notePair(pair, node.resolvedKey);
    }
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const place = places.get(identity(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return { line: 1, column: 1 };
  };

  /** The first mention counts: a table that is opened twice is reported where it begins. */
  function note(path: ConfigPath, start: { readonly line: number; readonly column: number }): void {
    const key = identity(path);
    if (!places.has(key)) places.set(key, { line: start.line, column: start.column + 1 });
  }

  function notePair(pair: AST.TOMLKeyValue, parent: ConfigPath): void {
    const names = pair.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
    for (const [depth, key] of pair.key.keys.entries()) note([...parent, ...names.slice(0, depth + 1)], key.loc.start);
    noteValue(pair.value, [...parent, ...names]);
  }

  function noteValue(value: AST.TOMLContentNode, path: ConfigPath): void {
    if (value.type === 'TOMLArray') {
      for (const [index, element] of value.elements.entries()) {
        note([...path, index], element.loc.start);
        noteValue(element, [...path, index]);
      }
    } else if (value.type === 'TOMLInlineTable') {
      for (const pair of value.body) notePair(pair, path);
    }
  }
}

const identity = (path: ConfigPath): string => JSON.stringify(path);
