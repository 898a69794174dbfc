/** The order in which the kernel shall use the uplinks of a family when the daemon is not there to decide. */
import type { SelectionConfig } from '../../model/config.ts';
import type { RankedUplink } from '../../model/network.ts';
import {
  compareChallengers,
  fieldOf,
  firstDifference,
  isAhead,
  isReachable,
  strictRules,
  type Contender,
} from './selection-rules.decisions.ts';

/**
 * The active uplink first, then the others as they would be chosen, those out of reach last. Uplinks that were ranked
 * before change places only when a strict rule says so or one leads as a challenger must lead: standbys whose scores
 * tremble must not have their routes rewritten with every round, but one that was ranked low while it was new has to come
 * up again, or the kernel would move traffic to another uplink than the one that is chosen a moment later.
 *
 * Returns `before` itself when nothing moved.
 */
export function rank(
  before: readonly RankedUplink[],
  contenders: readonly Contender[],
  activeIndex: number | null,
  terms: { readonly pinned: string | null; readonly config: SelectionConfig },
): readonly RankedUplink[] {
  const field = fieldOf(contenders, terms.pinned);
  const usable = new Map(
    contenders.filter(({ isUsable }) => isUsable).map((contender) => [contender.index, contender]),
  );
  const known = before.flatMap(({ index }) => usable.get(index) ?? []);
  for (const { index } of known) usable.delete(index);
  const newcomers = new Set(usable.keys());
  const overtakes = (a: Contender, b: Contender): boolean => {
    if (a.index === activeIndex || b.index === activeIndex) return a.index === activeIndex;
    if (newcomers.has(a.index)) return compareChallengers(a, b, field) < 0;
    const difference = firstDifference(strictRules, a, b, field);
    return difference === null ? isAhead(a, b, terms.config) : difference.better === a;
  };
  const order: Contender[] = [];
  for (const contender of [...known, ...usable.values()]) {
    let position = order.length;
    while (isOvertaken(order[position - 1], contender, overtakes)) position--;
    order.splice(position, 0, contender);
  }
  const ranking = order.map((contender) => ({ index: contender.index, isReachable: isReachable(contender, field) }));
  return isSameRanking(before, ranking) ? before : ranking;
}

const isOvertaken = (
  ahead: Contender | undefined,
  contender: Contender,
  overtakes: (a: Contender, b: Contender) => boolean,
): boolean => ahead !== undefined && overtakes(contender, ahead);

const isSameRanking = (a: readonly RankedUplink[], b: readonly RankedUplink[]): boolean =>
  a.length === b.length &&
  a.every(
    ({ index, isReachable }, position) => b[position]?.index === index && b[position].isReachable === isReachable,
  );
