import * as fc from 'fast-check';

/** One run of a machine and its reference side by side, from the start. */
export interface Run<Command> {
  /** Does the same to both; says it as a line of a story. */
  play(command: Command): string;
  /** What is compared after every command: the two must be alike. */
  look(): { readonly machine: Seen; readonly reference: Seen };
  /** When it is, in milliseconds since the start. */
  now(): number;
  end(): void;
}

/** What can be seen of a machine. Numbers are alike when they differ by rounding alone. */
export type Seen = string | number | boolean | null | undefined | readonly Seen[] | { readonly [name: string]: Seen };

/** A machine with its reference. */
export interface Subject<Command> {
  readonly name: string;
  readonly requirements: string;
  /** Weighted; a routine of several commands is one entry. */
  readonly commands: fc.Arbitrary<readonly Command[]>;
  start(): Run<Command>;
}

/** How much is tried: so many sequences, or for so long. */
export interface Effort {
  readonly runs: number;
  readonly maxLength: number;
}

/** What became different, and the story that led there. */
export interface Disagreement {
  readonly story: readonly string[];
  readonly differences: readonly string[];
}

/** Plays commands on a fresh pair; null when both agree to the end. */
export function playThrough<Command>(subject: Subject<Command>, commands: readonly Command[]): Disagreement | null {
  const run = subject.start();
  const story: string[] = [];
  try {
    for (const command of commands) {
      const at = run.now();
      story.push(`${String(at / 1000).padStart(10)} s  ${run.play(command)}`);
      const { machine, reference } = run.look();
      const differences = differencesOf(machine, reference);
      if (differences.length > 0) return { story, differences };
    }
  } catch (error) {
    return { story, differences: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
  } finally {
    run.end();
  }
  return null;
}

/** Tries random sequences; fails with the shortest story that it finds, and the seed. */
export function holdTo<Command>(subject: Subject<Command>, { runs, maxLength }: Effort, seed?: number): void {
  const sequence = fc
    .array(subject.commands, { minLength: 1, maxLength, size: 'max' })
    .map((routines) => routines.flat());
  const property = fc.property(sequence, (commands) => playThrough(subject, commands) === null);
  const result = fc.check(property, { numRuns: runs, endOnFailure: true, ...(seed === undefined ? {} : { seed }) });
  const [found] = result.counterexample ?? [];
  if (found === undefined) {
    if (result.failed) throw new Error(`${subject.name}: no sequence was tried`, { cause: result.errorInstance });
    return;
  }
  const { story, differences } = playThrough(subject, shortest(subject, found)) ?? {
    story: [],
    differences: ['unstable'],
  };
  throw new Error(
    [`${subject.name} (${subject.requirements}), seed ${result.seed}:`, ...story, '  then', ...differences].join('\n'),
  );
}

/** Leaves out whatever can be left out: halves first, single commands last, until nothing can. */
function shortest<Command>(subject: Subject<Command>, found: readonly Command[]): readonly Command[] {
  const isFailing = (commands: readonly Command[]): boolean => playThrough(subject, commands) !== null;
  let left = found;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = left.length - size; at > -size; at -= size) {
      const without = left.toSpliced(Math.max(0, at), size);
      if (without.length < left.length && isFailing(without)) left = without;
    }
  }
  return left;
}

/** Where the two differ, each in a line. */
export function differencesOf(machine: Seen, reference: Seen, path = ''): readonly string[] {
  if (isSame(machine, reference)) return [];
  if (isTree(machine) && isTree(reference)) {
    return [...new Set([...Object.keys(machine), ...Object.keys(reference)])].flatMap((key) =>
      differencesOf(machine[key], reference[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return [`  ${path}: the machine says ${JSON.stringify(machine)}, the reference ${JSON.stringify(reference)}`];
}

const isTree = (seen: Seen): seen is { readonly [name: string]: Seen } => typeof seen === 'object' && seen !== null;

const isSame = (a: Seen, b: Seen): boolean =>
  a === b || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a)));
