/** Lists and objects with one thing less. */
import type { Edit } from './mutant.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Takes one item out, with the comma that would be one too many. */
export function withoutItem(items: readonly (Span | null)[], position: number): Edit {
  const item = items[position];
  const next = items[position + 1];
  const previous = items[position - 1];
  if (item === null || item === undefined) throw new Error(`there is no item ${position}`);
  if (next !== null && next !== undefined) return { start: item.start, end: next.start, text: '' };
  return { start: previous?.end ?? item.start, end: item.end, text: '' };
}
