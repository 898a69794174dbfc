import type { Finding } from '../../adapters/doctor/finding.ts';
import { printable, type Paint } from './printable.ts';

const marks = {
  ok: { sign: '✓', tone: 'good' },
  warning: { sign: '!', tone: 'warning' },
  problem: { sign: '✗', tone: 'bad' },
} as const;

/** What the doctor found, for people: what needs something done has the remedy below it. */
export function renderFindings(findings: readonly Finding[], paint: Paint): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, status, found, remedy }) => {
    const { sign, tone } = marks[status];
    const line = `${paint(tone, sign)} ${check.padEnd(width)}  ${printable(found)}`;
    return remedy === null ? [line] : [line, `  ${' '.repeat(width)}  ${paint('strong', '→')} ${printable(remedy)}`];
  });
  return [...lines, '', summary(findings)].join('\n');
}

function summary(findings: readonly Finding[]): string {
  const count = (status: Finding['status']): number => findings.filter((each) => each.status === status).length;
  const problems = count('problem');
  const warnings = count('warning');
  if (problems + warnings === 0) return 'nothing stands in the way';
  const parts = [counted(problems, 'problem'), counted(warnings, 'warning')].filter((part) => part !== '');
  return parts.join(', ');
}

const counted = (count: number, what: string): string =>
  count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
