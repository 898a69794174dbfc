/**
 * Stands in for vitest: collects the tests of a file, so that they can be run one by one in this process. `expect` is
 * vitest's own; `describe`, `test`, their tables and the hooks around each test are what the tests here use.
 */
import * as vitest from 'vitest';

export interface TestCase {
  readonly title: string;
  readonly run: () => unknown;
}

type Body = (...given: readonly unknown[]) => unknown;

interface Suite {
  readonly titles: readonly string[];
  readonly before: readonly Body[];
  readonly after: readonly Body[];
}

const emptySuite: Suite = { titles: [], before: [], after: [] };

export class TestCollector {
  #cases: TestCase[] = [];
  #suite: Suite = emptySuite;

  /** The tests that `load` defines. */
  collect(load: () => void): readonly TestCase[] {
    this.#cases = [];
    this.#suite = emptySuite;
    load();
    return this.#cases;
  }

  /** What stands in for the module `vitest`. */
  get module(): object {
    const test = this.#callable((title, body) => this.#test(title, body));
    const describe = this.#callable((title, body) => this.#describe(title, body));
    return {
      ...vitest,
      test,
      it: test,
      describe,
      beforeEach: (body: Body) => (this.#suite = { ...this.#suite, before: [...this.#suite.before, body] }),
      afterEach: (body: Body) => (this.#suite = { ...this.#suite, after: [body, ...this.#suite.after] }),
      beforeAll: unsupported('beforeAll'),
      afterAll: unsupported('afterAll'),
    };
  }

  #test(title: string, body: Body): void {
    const { titles, before, after } = this.#suite;
    const hasHooks = before.length + after.length > 0;
    this.#cases.push({
      title: [...titles, title].join(' › '),
      run: hasHooks ? () => runAll([...before, body, ...after]) : () => body(),
    });
  }

  #describe(title: string, body: Body): void {
    const around = this.#suite;
    this.#suite = { ...around, titles: [...around.titles, title] };
    body();
    this.#suite = around;
  }

  /** `test(title, body)`, `test(title, options, body)`, and `.each(table)` of the same. */
  #callable(define: (title: string, body: Body) => void): object {
    const call = (title: string, ...rest: readonly unknown[]): void => define(title, bodyIn(rest));
    const each =
      (table: readonly unknown[]) =>
      (title: string, ...rest: readonly unknown[]): void => {
        const body = bodyIn(rest);
        for (const [position, row] of table.entries()) {
          const given: readonly unknown[] = Array.isArray(row) ? row : [row];
          define(`${title} [${position}]`, () => body(...given));
        }
      };
    const skip = { skip: () => {}, todo: () => {}, skipIf: (isSkipped: boolean) => (isSkipped ? () => {} : call) };
    return Object.assign(call, skip, { each, for: unsupported('for') });
  }
}

async function runAll(bodies: readonly Body[]): Promise<void> {
  for (const body of bodies) await body();
}

const isBody = (value: unknown): value is Body => typeof value === 'function';

function bodyIn(given: readonly unknown[]): Body {
  const body = given.find(isBody);
  if (body === undefined) throw new Error('a test without a body');
  return body;
}

const unsupported = (name: string) => (): never => {
  throw new Error(`${name} is not supported while mutants are tried`);
};
