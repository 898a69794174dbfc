import type { Log } from '../adapters/log/log.ts';
import { describe, type Problem } from '../model/errors.ts';

/** The problems of the program itself, which no machine knows of; each is logged as it comes and goes. */
export interface ProblemBoard {
  readonly note: (problem: Problem) => void;
  readonly solve: (problem: Problem) => void;
  readonly has: (problem: Problem) => boolean;
  /** Those that stand. */
  readonly all: () => readonly Problem[];
}

export function createProblemBoard(log: Log): ProblemBoard {
  const standing = new Map<string, Problem>();
  const keyOf = ({ code, subject }: Problem): string => `${code} ${subject ?? ''}`;
  return {
    note(problem) {
      log.warn({ problem }, describe(problem));
      standing.set(keyOf(problem), problem);
    },
    solve(problem) {
      log.info({ problem }, `solved: ${describe(problem)}`);
      standing.delete(keyOf(problem));
    },
    has: (problem) => standing.has(keyOf(problem)),
    all: () => [...standing.values()],
  };
}
