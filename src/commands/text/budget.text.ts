import { formatBytes } from '../../model/units.ts';
import type { BudgetLevel, BudgetStatus } from '../../model/usage.ts';
import { dataSizeText } from './data-size.ts';
import type { Paint } from './printable.ts';
import { table, type Cell } from './table.ts';

const tones = { below: 'good', at75: 'warning', at90: 'warning', exhausted: 'bad' } as const satisfies Record<
  BudgetLevel,
  Parameters<Paint>[0]
>;

const atLimitWords = {
  block: 'not used any more',
  throttle: 'slowed down',
  warn: 'used on',
} as const satisfies Record<BudgetStatus['atLimit'], string>;

/** What `budget` shows to people. */
export function renderBudgets(budgets: readonly BudgetStatus[], paint: Paint): string {
  if (budgets.length === 0) return 'no uplink has a budget';
  const header = ['DEVICE', 'INTERFACE', 'USED', 'OF', '', 'UNTIL', 'THEN'].map(
    (text): Cell => ({
      text,
      tone: 'faint',
    }),
  );
  return table([header, ...budgets.map(budgetRow)], paint);
}

const budgetRow = (budget: BudgetStatus): readonly Cell[] => [
  { text: budget.identity },
  budget.iface === null ? { text: 'not plugged in', tone: 'faint' } : { text: budget.iface },
  { text: dataSizeText(budget.usedBytes), align: 'right' },
  { text: formatBytes(budget.budgetBytes), align: 'right' },
  { text: `${budget.usedPercent} %`, tone: tones[budget.level], align: 'right' },
  { text: budget.periodEnd === null ? 'it is reset' : localDay(budget.periodEnd) },
  { text: budget.level === 'exhausted' ? atLimitWords[budget.atLimit] : '' },
];

/** The moment is the first of a day somewhere: what counts there is the day. */
const localDay = (iso: string): string => {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return time === '00:00' ? day : `${day} ${time}`;
};
