/** Tries mutants one by one against the tests that reach them, all in this process. */
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { bounded, TookTooLong } from './bounded.ts';
import { withEntries } from './find-mutants.ts';
import { applied, type Mutant } from './mutant.ts';
import { ModuleSystem, type Variant } from './module-system.ts';
import { TestCollector, type TestCase } from './test-collector.ts';

export interface Outcome {
  /** `killed`: a test failed. `endless`: one never came to its end. `unreached`: no test calls it. */
  readonly kind: 'killed' | 'endless' | 'survived' | 'unreached' | 'invalid';
  /** The test that told. */
  readonly by: string | null;
}

export interface Setup {
  readonly root: string;
  /** Relative to the root, like all paths here. */
  readonly tests: readonly string[];
  /** What may be changed, with its text. */
  readonly sources: readonly Variant[];
  /** Tests with one of these in their title are left out. */
  readonly without: readonly string[];
  /** At most so many runs of each property, with the same seed each time. */
  readonly propertyRuns: number;
}

/** A test as it went with nothing changed. */
interface Known {
  readonly position: number;
  readonly ms: number;
  readonly entered: ReadonlySet<string>;
}

interface KnownFile {
  readonly path: string;
  readonly tests: readonly Known[];
  readonly ms: number;
}

export class Trial {
  readonly #setup: Setup;
  readonly #collector = new TestCollector();
  readonly #packages: ReadonlyMap<string, object>;
  readonly #unhandled: unknown[] = [];
  readonly #kills = new Map<string, number>();
  #files: readonly KnownFile[] = [];
  #reaches: (test: string, source: string) => boolean = () => false;
  /** What is called while modules are loaded concerns every test. */
  readonly #enteredByLoading = new Set<string>();

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#packages = new Map<string, object>([
      ['vitest', this.#collector.module],
      ['fast-check', repeatable(setup.propertyRuns)],
    ]);
    process.on('uncaughtException', (error) => this.#unhandled.push(error));
    process.on('unhandledRejection', (error) => this.#unhandled.push(error));
  }

  /** Runs every test with nothing changed, to see what each reaches. Rejects when one fails: nothing could be told. */
  async measure(): Promise<void> {
    const { root, sources, tests } = this.#setup;
    let entered: Set<string> = this.#enteredByLoading;
    const instrumented = sources.map(({ path, source }) => ({
      path: resolve(root, path),
      source: withEntries(path, source),
    }));
    const system = new ModuleSystem(this.#packages, instrumented, (path, start) => entered.add(`${path} ${start}`));
    const files: KnownFile[] = [];
    for (const path of tests) {
      entered = this.#enteredByLoading;
      const known: Known[] = [];
      for (const [position, test] of this.#collect(system, path).entries()) {
        if (this.#setup.without.some((part) => test.title.includes(part))) continue;
        entered = new Set();
        const began = performance.now();
        await bounded(test.run, 60_000).catch((error: unknown) => {
          throw new Error(`with nothing changed, ${path} fails: ${test.title}`, { cause: error });
        });
        known.push({ position, ms: performance.now() - began, entered });
      }
      files.push({ path, tests: known, ms: known.reduce((sum, { ms }) => sum + ms, 0) });
    }
    entered = this.#enteredByLoading;
    await this.#settle();
    const [error] = this.#unhandled;
    if (error !== undefined) throw new Error('with nothing changed, an error is left unhandled', { cause: error });
    this.#files = files;
    this.#reaches = (test, source) => system.reaches(resolve(root, test), resolve(root, source));
  }

  async try(mutant: Mutant): Promise<Outcome> {
    const source = this.#setup.sources.find(({ path }) => path === mutant.file)?.source ?? '';
    const path = resolve(this.#setup.root, mutant.file);
    const system = new ModuleSystem(this.#packages, [{ path, source: applied(source, mutant) }]);
    if (!system.compiles(path)) return { kind: 'invalid', by: null };
    const files = this.#filesFor(mutant, path);
    if (files.length === 0) return { kind: 'unreached', by: null };
    for (const { path: file, tests } of files) {
      const outcome = await this.#runFile(system, file, tests);
      if (outcome === null) continue;
      this.#kills.set(`${mutant.file} ${file}`, (this.#kills.get(`${mutant.file} ${file}`) ?? 0) + 1);
      await this.#settle();
      this.#unhandled.length = 0;
      return outcome;
    }
    await this.#settle();
    const isUnhandled = this.#unhandled.length > 0;
    this.#unhandled.length = 0;
    return isUnhandled ? { kind: 'killed', by: 'an error that nobody handles' } : { kind: 'survived', by: null };
  }

  /** The tests that reach a mutant. Files that killed others of the same source come first, then the quick ones. */
  #filesFor({ file, owner }: Mutant, path: string): readonly KnownFile[] {
    const key = `${path} ${owner}`;
    const isLoaded = owner === null || this.#enteredByLoading.has(key);
    const kills = ({ path: test }: KnownFile): number => this.#kills.get(`${file} ${test}`) ?? 0;
    return this.#files
      .filter(({ path: test }) => this.#reaches(test, file))
      .map(({ path: test, tests, ms }) => ({
        path: test,
        tests: tests.filter(({ entered }) => isLoaded || entered.has(key)),
        ms,
      }))
      .filter(({ tests }) => tests.length > 0)
      .toSorted((a, b) => kills(b) - kills(a) || a.ms - b.ms);
  }

  async #runFile(system: ModuleSystem, path: string, known: readonly Known[]): Promise<Outcome | null> {
    let cases: readonly TestCase[] = [];
    try {
      await bounded(() => {
        cases = this.#collect(system, path);
      }, 10_000);
    } catch (error) {
      return { kind: error instanceof TookTooLong ? 'endless' : 'killed', by: `loading ${path}` };
    }
    for (const { position, ms } of known) {
      const test = cases[position];
      if (test === undefined) return { kind: 'killed', by: `the number of tests in ${path}` };
      try {
        await bounded(test.run, Math.ceil(1000 + 20 * ms));
      } catch (error) {
        return { kind: error instanceof TookTooLong ? 'endless' : 'killed', by: `${path} › ${test.title}` };
      }
    }
    return null;
  }

  #collect(system: ModuleSystem, path: string): readonly TestCase[] {
    return this.#collector.collect(() => system.load(resolve(this.#setup.root, path)));
  }

  /** XState throws what no one listens for a moment later. */
  async #settle(): Promise<void> {
    await sleep(1);
  }
}

/** fast-check with few runs, always the same ones, that ends at the first failure. */
function repeatable(propertyRuns: number): object {
  const assert = (property: fc.IRawProperty<unknown>, parameters: fc.Parameters<unknown> = {}): unknown => {
    const numRuns = Math.min(propertyRuns, parameters.numRuns ?? 100);
    return fc.assert(property, { ...parameters, numRuns, seed: 1, endOnFailure: true });
  };
  return { ...fc, assert };
}
