/** The order in which the kernel shall use the uplinks of a family when the daemon is not there to decide. */
import type { SelectionConfig } from '../model/config.ts';
import type { RankedUplink } from '../model/network.ts';
import {
  challengerRules,
  fieldOf,
  firstDifference,
  isReachable,
  strictRules,
  type Contender,
} from './selection-rules.decisions.ts';

/**
 * The active uplink first, then the others as they would be chosen, those out of reach last. Uplinks that were ranked
 * before change places only when a strict rule says so or the scores lie further apart than the switching margin:
 * standbys whose scores tremble must not have their routes rewritten with every round.
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
  const usable = contenders.filter(({ isUsable }) => isUsable);
  const place = new Map(before.map(({ index }, position) => [index, position]));
  const inOrderOfBefore = usable.toSorted(
    (a, b) => (place.get(a.index) ?? before.length) - (place.get(b.index) ?? before.length) || compareNames(a, b),
  );
  const overtakes = (a: Contender, b: Contender): boolean => {
    if (b.index === activeIndex) return false;
    if (a.index === activeIndex) return true;
    const isNew = !place.has(a.index) || !place.has(b.index);
    const difference = firstDifference(isNew ? challengerRules : strictRules, a, b, field);
    return difference === null ? !isNew && a.score - b.score > terms.config.switchMargin : difference.better === a;
  };
  const order: Contender[] = [];
  for (const contender of inOrderOfBefore) {
    let position = order.length;
    while (position > 0 && mustMoveUp(contender, order[position - 1], overtakes)) position--;
    order.splice(position, 0, contender);
  }
  const ranking = order.map((contender) => ({ index: contender.index, isReachable: isReachable(contender, field) }));
  return isSameRanking(before, ranking) ? before : ranking;
}

const mustMoveUp = (
  contender: Contender,
  ahead: Contender | undefined,
  overtakes: (a: Contender, b: Contender) => boolean,
): boolean => ahead !== undefined && overtakes(contender, ahead);

const compareNames = (a: Contender, b: Contender): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const isSameRanking = (a: readonly RankedUplink[], b: readonly RankedUplink[]): boolean =>
  a.length === b.length &&
  a.every(
    ({ index, isReachable }, position) => b[position]?.index === index && b[position].isReachable === isReachable,
  );
