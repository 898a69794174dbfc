import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** One thing that was measured several times. */
export interface Series {
  readonly what: string;
  readonly unit: 'ms' | 'lost' | 'switches' | 'packets' | 'MB' | 's' | '×' | '%' | 'bytes';
  readonly values: readonly number[];
}

/** What one contender did in one cell; or why it did not. */
export type Result =
  | { readonly cell: string; readonly contender: string; readonly series: readonly Series[]; readonly note?: string }
  | { readonly cell: string; readonly contender: string; readonly notRun: string };

/** Why something was not measured, in one line: what went wrong, and the first words of who was to blame. */
export function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error))
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.slice(0, 2).join(': ').slice(0, 300);
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
};

const digits: Readonly<Record<Series['unit'], number>> = {
  ms: 2,
  lost: 0,
  switches: 0,
  packets: 0,
  MB: 1,
  s: 3,
  '×': 0,
  '%': 2,
  bytes: 1,
};

const show = (value: number, unit: Series['unit']): string =>
  Number.isNaN(value) ? '–' : value >= 1000 ? value.toFixed(0) : value.toFixed(digits[unit]);

export interface CellPlan {
  readonly cell: string;
  readonly title: string;
  /** What must be reached, in words. */
  readonly goal: string;
  /** The contender that the others are compared with, by the median of the first series. */
  readonly yardstick?: string;
}

/** A cell as a table in Markdown, aligned so that it reads well in a terminal too. */
export function renderCell(plan: CellPlan, results: readonly Result[]): string {
  const own = results.filter(({ cell }) => cell === plan.cell);
  const yardstick = own.find(({ contender }) => contender === plan.yardstick);
  const base =
    yardstick !== undefined && 'series' in yardstick ? median(yardstick.series[0]?.values ?? []) : Number.NaN;
  const names = own.flatMap((result) => ('series' in result ? [result.series] : []))[0] ?? [];
  const hasRatio = plan.yardstick !== undefined;
  const header = [
    '',
    'runs',
    ...names.flatMap(({ what }) => [`${what}, median`, 'worst']),
    ...(hasRatio ? ['ratio'] : []),
  ];
  const rows = own.map((result) => rowOf(result, header.length, hasRatio ? base : null));
  const reasons = own.flatMap((result) => ('notRun' in result ? [`- ${result.contender}: ${result.notRun}`] : []));
  const table = alignTable([header, ...rows]);
  return [
    `### ${plan.cell}: ${plan.title}`,
    '',
    `Goal: ${plan.goal}`,
    '',
    ...table,
    ...(reasons.length > 0 ? ['', ...reasons] : []),
  ].join('\n');
}

function rowOf(result: Result, columns: number, base: number | null): readonly string[] {
  if ('notRun' in result) {
    const empty = Array.from({ length: columns - 2 }, () => '');
    return [result.contender, 'not run'].concat(empty);
  }
  const first = result.series[0]?.values ?? [];
  const name = result.contender + (result.note === undefined ? '' : ` (${result.note})`);
  const figures = result.series.flatMap(({ values, unit }) => [
    show(median(values), unit),
    show(Math.max(...values), unit),
  ]);
  const row = [name, String(first.length)].concat(figures);
  if (base === null) return row;
  return row.concat(Number.isNaN(base) ? '–' : `${(median(first) / base).toFixed(2)} ×`);
}

function alignTable(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const [header = [], ...body] = rows;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(header), rule, ...body.map(line)];
}

export interface Circumstances {
  readonly startedAt: string;
  readonly took: string;
  /** Over 1, 5 and 15 minutes (getloadavg(3)). */
  readonly loadAtStart: string;
  readonly loadAtEnd: string;
  readonly daemon: string;
  readonly isQuick: boolean;
  readonly meter: string;
}

/** Writes what this run measured, and nothing else, to bench/results/. Returns the files' names. */
export async function writeResults(
  name: 'results' | 'partial',
  circumstances: Circumstances,
  plans: readonly CellPlan[],
  results: readonly Result[],
): Promise<readonly string[]> {
  const directory = fileURLToPath(new URL('results', import.meta.url));
  await mkdir(directory, { recursive: true });
  const [processor] = cpus();
  const machine = {
    kernel: release(),
    node: process.version,
    processors: `${cpus().length} × ${processor?.model ?? 'unknown'}`,
    memoryGiB: Number((totalmem() / 1024 ** 3).toFixed(1)),
  };
  const tables = plans.map((plan) => renderCell(plan, results)).join('\n\n');
  const facts = Object.entries({ ...circumstances, ...machine }).map(([key, value]) => `- ${key}: ${value}`);
  const files = [`${directory}/${name}.json`, `${directory}/${name}.md`] as const;
  await writeFile(files[0], `${JSON.stringify({ circumstances, machine, plans, results }, null, 2)}\n`);
  await writeFile(files[1], `# Benchmark\n\n${facts.join('\n')}\n\n${tables}\n`);
  return files;
}
