/**
 * The project's modules, evaluated in memory as often as wanted: with one file changed, and nothing written anywhere.
 *
 * Each source is compiled once (to CommonJS, by esbuild) and kept; only the changed one is compiled anew. A system is
 * cheap to make and is thrown away whole, so that no mutant sees what another one left behind.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { transformSync } from 'esbuild';

type Evaluate = (
  exports: object,
  require: (specifier: string) => unknown,
  module: { exports: object },
  filename: string,
  directory: string,
  url: string,
  enter: (start: number) => void,
) => void;

const parameters = ['exports', 'require', 'module', '__filename', '__dirname', '__url', '__enter'];

function compile(path: string, source: string): Evaluate {
  const { code } = transformSync(source, {
    loader: 'ts',
    format: 'cjs',
    target: 'node22',
    define: { 'import.meta.url': '__url', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  });
  return compileFunction(code, parameters, { filename: path }) as Evaluate;
}

const compiled = new Map<string, Evaluate>();
const requirePackage = createRequire(import.meta.url);

export interface Variant {
  readonly path: string;
  readonly source: string;
}

export class ModuleSystem {
  readonly #packages: ReadonlyMap<string, object>;
  readonly #variants: ReadonlyMap<string, string>;
  readonly #enter: (path: string, start: number) => void;
  readonly #modules = new Map<string, { exports: object }>();
  readonly #own = new Map<string, Evaluate>();
  readonly #imports = new Map<string, Set<string>>();

  /** `packages` stand in for those of the same name; `enter` is told of calls by sources that say them. */
  constructor(
    packages: ReadonlyMap<string, object>,
    variants: readonly Variant[] = [],
    enter: (path: string, start: number) => void = () => {},
  ) {
    this.#packages = packages;
    this.#variants = new Map(variants.map(({ path, source }) => [path, source]));
    this.#enter = enter;
  }

  /** Evaluates a module by its absolute path, and what it imports. */
  load(path: string): object {
    const known = this.#modules.get(path);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#modules.set(path, module);
    const imports = new Set<string>();
    this.#imports.set(path, imports);
    const evaluate = this.#compiled(path);
    const require = (specifier: string): unknown => {
      if (!specifier.startsWith('.')) return this.#packages.get(specifier) ?? requirePackage(specifier);
      const imported = resolve(dirname(path), specifier);
      imports.add(imported);
      return this.load(imported);
    };
    const enter = (start: number): void => this.#enter(path, start);
    evaluate(module.exports, require, module, path, dirname(path), pathToFileURL(path).href, enter);
    return module.exports;
  }

  /** Whether a module is written in good TypeScript, as far as esbuild can tell. */
  compiles(path: string): boolean {
    try {
      this.#compiled(path);
      return true;
    } catch {
      // What is wrong with it does not matter.
      return false;
    }
  }

  /** Whether evaluating a module evaluates another one. */
  reaches(path: string, other: string, seen: Set<string> = new Set()): boolean {
    if (path === other) return true;
    if (seen.has(path)) return false;
    seen.add(path);
    return [...(this.#imports.get(path) ?? [])].some((imported) => this.reaches(imported, other, seen));
  }

  #compiled(path: string): Evaluate {
    const own = this.#own.get(path);
    if (own !== undefined) return own;
    const variant = this.#variants.get(path);
    if (variant !== undefined) {
      const evaluate = compile(path, variant);
      this.#own.set(path, evaluate);
      return evaluate;
    }
    const known = compiled.get(path) ?? compile(path, readFileSync(path, 'utf8'));
    compiled.set(path, known);
    return known;
  }
}
