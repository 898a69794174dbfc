import { parseTOML, type AST } from 'toml-eslint-parser';

/** A place in a configuration: the keys and positions that lead to it. */
export type ConfigPath = readonly (string | number)[];

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** Where a setting's name stands, and where its value does. */
interface Place {
  readonly key: Position;
  readonly value: Position;
}

/**
 * Where each key and value of a TOML text stands. Returns the position of a path, or of the nearest thing above it:
 * a setting that is missing is reported at the head of its table.
 */
export function positionsOf(text: string): (path: ConfigPath, part: keyof Place) => Position {
  const places = new Map<string, Place>();
  for (const node of nodesOf(text)) {
    if (node.type === 'TOMLKeyValue') {
      notePair(node, []);
    } else {
      for (let length = 1; length <= node.resolvedKey.length; length++) {
        note(node.resolvedKey.slice(0, length), node.loc.start);
      }
      for (const pair of node.body) notePair(pair, node.resolvedKey);
    }
  }
  return (path, part) => {
    for (let length = path.length; length > 0; length--) {
      const place = places.get(identity(path.slice(0, length)));
      if (place !== undefined) return place[part];
    }
    return { line: 1, column: 1 };
  };

  /** The first mention counts: a table that is opened twice is reported where it begins. */
  function note(path: ConfigPath, key: Start, value: Start = key): void {
    const name = identity(path);
    if (!places.has(name)) places.set(name, { key: positionOf(key), value: positionOf(value) });
  }

  function notePair(pair: AST.TOMLKeyValue, parent: ConfigPath): void {
    const names = pair.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
    for (const [depth, key] of pair.key.keys.entries()) {
      const isLast = depth === names.length - 1;
      note([...parent, ...names.slice(0, depth + 1)], key.loc.start, (isLast ? pair.value : key).loc.start);
    }
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

interface Start {
  readonly line: number;
  /** From 0. */
  readonly column: number;
}

const positionOf = ({ line, column }: Start): Position => ({ line, column: column + 1 });

/** Two parsers need not agree on every odd text: where this one gives up, a mistake is reported without its place. */
function nodesOf(text: string): readonly (AST.TOMLKeyValue | AST.TOMLTable)[] {
  try {
    return parseTOML(text).body[0].body;
  } catch {
    return [];
  }
}

const identity = (path: ConfigPath): string => JSON.stringify(path);
