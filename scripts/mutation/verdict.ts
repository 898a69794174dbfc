/** What a run says: the score of each file, and whether the survivors are those that are known. */
import { identity, type Mutant } from './mutant.ts';
import type { Outcome } from './trial.ts';

/** A mutant that no test can kill. */
export type KnownSurvivor = Pick<Mutant, 'file' | 'within' | 'before' | 'after'>;

/** Some of them, with the reason why they change nothing. */
export interface Survivors {
  readonly because: string;
  readonly mutants: readonly KnownSurvivor[];
}

export interface Score {
  readonly file: string;
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
}

export interface Verdict {
  readonly scores: readonly Score[];
  /** Of all files together, 0 to 100. */
  readonly percent: number;
  readonly unlisted: readonly Mutant[];
  /** Listed, and killed by now or gone. */
  readonly stale: readonly KnownSurvivor[];
}

export const required = 95;

/** Judges the mutants of `files`. A mutant that is no TypeScript is none. */
export function judge(
  files: readonly string[],
  tried: readonly (readonly [Mutant, Outcome])[],
  known: readonly KnownSurvivor[],
): Verdict {
  const valid = tried.filter(([, { kind }]) => kind !== 'invalid');
  const survivors = valid.filter(([, outcome]) => isAlive(outcome)).map(([mutant]) => mutant);
  const scores = files.map((file) => {
    const own = valid.filter(([mutant]) => mutant.file === file);
    const survived = survivors.filter((mutant) => mutant.file === file).length;
    return { file, mutants: own.length, killed: own.length - survived, survived };
  });
  const listed = new Set(known.map(identity));
  const alive = new Set(survivors.map(identity));
  return {
    scores: scores.filter(({ mutants }) => mutants > 0),
    percent: valid.length === 0 ? 100 : (100 * (valid.length - survivors.length)) / valid.length,
    unlisted: survivors.filter((mutant) => !listed.has(identity(mutant))),
    stale: known.filter((survivor) => files.includes(survivor.file) && !alive.has(identity(survivor))),
  };
}

export const isAlive = ({ kind }: Outcome): boolean => kind === 'survived' || kind === 'unreached';

/** What is wrong, in a line each; empty when nothing is. */
export function complaints({ percent, unlisted, stale }: Verdict): readonly string[] {
  return [
    ...unlisted.map(({ file, line, ...mutant }) => `${file}:${line} survives unlisted\n${shown(mutant)}`),
    ...stale.map(({ file, ...survivor }) => `${file} is listed, but killed or gone\n${shown(survivor)}`),
    ...(percent < required ? [`${percent.toFixed(1)} % of the mutants are killed, ${required} % are required`] : []),
  ];
}

const shown = ({ within, before, after }: Pick<Mutant, 'within' | 'before' | 'after'>): string =>
  `    in ${within}\n    - ${before}\n    + ${after}`;

/** The scores as a table. */
export function table({ scores, percent }: Verdict): string {
  const sum = (pick: (score: Score) => number): number => scores.reduce((total, score) => total + pick(score), 0);
  const rows = [
    ['file', 'mutants', 'killed', 'survived', '%'],
    ...scores.map(({ file, mutants, killed, survived }) => [
      file,
      String(mutants),
      String(killed),
      String(survived),
      ((100 * killed) / mutants).toFixed(1),
    ]),
    [
      'all',
      String(sum((one) => one.mutants)),
      String(sum((one) => one.killed)),
      String(sum((one) => one.survived)),
      percent.toFixed(1),
    ],
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
