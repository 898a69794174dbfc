import type { Problem } from '../model/errors.ts';
import type { AttemptNews } from './attempts.ts';

/** Problems that last: each is told once when it comes, and once when it is over. */
export class StandingProblems {
  #current: ReadonlyMap<string, Problem> = new Map();

  all(): readonly Problem[] {
    return [...this.#current.values()];
  }

  /** Takes what is wrong now; tells what is new and what is over. */
  compare(problems: readonly Problem[]): readonly AttemptNews[] {
    const before = this.#current;
    if (problems.length === 0 && before.size === 0) return [];
    const current = new Map(problems.map((problem) => [problem.subject ?? problem.code, problem]));
    this.#current = current;
    const news: AttemptNews[] = [];
    for (const [object, problem] of current) {
      if (before.get(object)?.message !== problem.message) news.push({ type: 'operation.failed', object, problem });
    }
    for (const object of before.keys()) {
      if (!current.has(object)) news.push({ type: 'operation.recovered', object });
    }
    return news;
  }
}
