/**
 * The import rules of src/: which layer may know which.
 *
 *   kernel, people → adapters → streams → machines → effects → adapters → kernel
 *
 * Data goes round once, and only src/engine.ts sees the whole circle; src/main.ts is the library. The sources are parsed,
 * not matched as text, so type-only imports, re-exports, `import()` and `import('x').Type` all count.
 */
import { posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

export interface Violation {
  file: string;
  line: number;
  message: string;
}

interface Layer {
  /** Own files this layer may import, besides its own: a folder (ends with /) or one file. */
  own: readonly string[];
  /** Packages and node: modules it may import; 'any' for the layers that touch the outside. */
  packages: readonly string[] | 'any';
}

const layers: Readonly<Record<string, Layer>> = {
  'src/model/': { own: [], packages: [] },
  'src/machines/': { own: ['src/model/'], packages: ['xstate'] },
  'src/inspection/': { own: ['src/model/', 'src/machines/'], packages: ['xstate'] },
  'src/streams/': { own: ['src/model/'], packages: ['rxjs'] },
  'src/effects/': { own: ['src/model/'], packages: ['rxjs'] },
  'src/adapters/': { own: ['src/model/', 'src/streams/ports.ts', 'src/effects/ports.ts'], packages: 'any' },
  'src/commands/': { own: ['src/model/', 'src/adapters/', 'src/inspection/', 'src/main.ts'], packages: 'any' },
  'src/engine/': { own: ['src/'], packages: 'any' },
  'src/engine.ts': { own: ['src/'], packages: 'any' },
  'src/main.ts': { own: ['src/'], packages: 'any' },
};

/** Timers that hide from the statechart, from fake time and from teardown. Only adapters may start one. */
const bareTimers = new Set(['setTimeout', 'setInterval']);
const timerModules = new Set(['node:timers', 'node:timers/promises', 'timers', 'timers/promises']);

interface Reference {
  specifier: string;
  line: number;
}

interface Scan {
  imports: Reference[];
  timers: Reference[];
  errors: string[];
}

/** Checks a whole tree, given as path (`src/…`) → source text. */
export function importViolations(sources: ReadonlyMap<string, string>): Violation[] {
  const found: Violation[] = [];
  const graph = new Map<string, Reference[]>();

  for (const [file, source] of sources) {
    const { imports, timers, errors } = scan(file, source);
    const report = (line: number, message: string) => found.push({ file, line, message });
    for (const message of errors) report(1, `cannot be parsed: ${message}`);

    const layer = layerOf(file);
    if (!layer) {
      report(1, `belongs to no layer; src/ holds ${Object.keys(layers).join(', ')}`);
      continue;
    }
    for (const { specifier, line } of imports) {
      const problem = importProblem(layer, file, specifier, sources);
      if (problem) report(line, problem);
    }
    if (layer !== 'src/adapters/') {
      for (const { specifier, line } of timers) {
        report(line, `${specifier} outside src/adapters/: use a machine delay or the injected scheduler`);
      }
    }
    graph.set(file, ownImports(file, imports));
  }
  return [...found, ...cycles(graph, 'import cycle'), ...cycles(folders(graph), 'cycle of folders')];
}

function scan(file: string, source: string): Scan {
  const { program, errors } = parseSync(file, source, { lang: 'ts', sourceType: 'module' });
  const imports: Reference[] = [];
  const timers: Reference[] = [];
  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length;
  const imported = (node: { value: unknown; start: number }) =>
    imports.push({ specifier: String(node.value), line: lineAt(node.start) });

  new Visitor({
    ImportDeclaration: (node) => imported(node.source),
    ExportAllDeclaration: (node) => imported(node.source),
    ExportNamedDeclaration: (node) => node.source && imported(node.source),
    TSImportType: (node) => imported(node.source),
    ImportExpression: ({ source: target, start }) =>
      imported(target.type === 'Literal' ? target : { value: '(computed)', start }),
    CallExpression({ callee, start }) {
      const name = globalName(callee);
      if (name && bareTimers.has(name)) timers.push({ specifier: name, line: lineAt(start) });
    },
  }).visit(program);

  timers.push(...imports.filter(({ specifier }) => timerModules.has(specifier)));
  return { imports, timers, errors: errors.map(({ message }) => message) };
}

interface Callee {
  type: string;
  name?: unknown;
  object?: Callee;
  property?: Callee;
}

/** `setTimeout` and `globalThis.setTimeout` are the global; `clock.setTimeout` is an injected clock. */
function globalName(callee: Callee): string | undefined {
  if (callee.type === 'Identifier') return String(callee.name);
  if (callee.type !== 'MemberExpression' || callee.object?.type !== 'Identifier') return undefined;
  const isGlobal = callee.object.name === 'globalThis' || callee.object.name === 'global';
  return isGlobal ? String(callee.property?.name) : undefined;
}

function layerOf(file: string): string | undefined {
  return Object.keys(layers).find((layer) => within(layer, file));
}

function within(place: string, file: string): boolean {
  return place.endsWith('/') ? file.startsWith(place) : file === place;
}

function importProblem(
  layer: string,
  file: string,
  specifier: string,
  sources: ReadonlyMap<string, string>,
): string | undefined {
  const { own, packages } = layers[layer] as Layer;
  if (specifier === '(computed)') return 'import() of a computed name: nobody can tell what it loads';
  if (specifier.startsWith('.')) {
    const target = resolve(file, specifier);
    if (!sources.has(target)) return `imports '${specifier}', but there is no ${target} (write the .ts out)`;
    if ([layer, ...own].some((place) => within(place, target))) return undefined;
    return `${layer} must not import ${target}; it may import ${[layer, ...own].join(', ')}`;
  }
  if (packages === 'any' || packages.some((name) => specifier === name || specifier.startsWith(`${name}/`))) {
    return undefined;
  }
  return `${layer} must not import ${specifier}; it may import ${packages.join(', ') || 'no package'}`;
}

function resolve(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier);
}

function ownImports(file: string, imports: readonly Reference[]): Reference[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, line }) => ({ specifier: resolve(file, specifier), line }));
}

/** The same graph with each folder of a machine or an effect as one: such a folder is read before those that use it. */
function folders(graph: ReadonlyMap<string, readonly Reference[]>): ReadonlyMap<string, readonly Reference[]> {
  const folderOf = (file: string) => /^src\/(?:machines|effects)\/[^/]+(?=\/)/u.exec(file)?.[0];
  const found = new Map<string, Reference[]>();
  for (const [file, references] of graph) {
    const folder = folderOf(file);
    if (folder === undefined) continue;
    const known = found.get(folder) ?? [];
    for (const { specifier, line } of references) {
      const other = folderOf(specifier);
      const isNew = other !== folder && !known.some((one) => one.specifier === other);
      if (other !== undefined && isNew) known.push({ specifier: other, line });
    }
    found.set(folder, known);
  }
  return found;
}

/** Every import circle once, found by depth-first search; type-only imports count, for readers go round too. */
function cycles(graph: ReadonlyMap<string, readonly Reference[]>, what: string): Violation[] {
  const found: Violation[] = [];
  const finished = new Set<string>();
  const path: string[] = [];

  const visit = (file: string) => {
    path.push(file);
    for (const { specifier: next, line } of graph.get(file) ?? []) {
      const start = path.indexOf(next);
      if (start >= 0) {
        found.push({ file, line, message: `${what}: ${[...path.slice(start), next].join(' → ')}` });
      } else if (!finished.has(next)) {
        visit(next);
      }
    }
    path.pop();
    finished.add(file);
  };

  for (const file of graph.keys()) {
    if (!finished.has(file)) visit(file);
  }
  return found;
}
