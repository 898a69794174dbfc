import type { Candidate, SelectionModel } from './selection.model.ts';

/**
 * ROUT-2 and D-008: what may be said of a ranking, given the one before it. A list of complaints: the active uplink is not
 * first, one is missing, one stands behind a worse one, or some changed places that need not.
 */
export function complaintsAbout(
  ranking: readonly { readonly index: number; readonly isReachable: boolean }[],
  before: readonly number[],
  selection: SelectionModel,
): readonly string[] {
  const { usable, active } = selection;
  const one = (index: number): Candidate | undefined => usable.find((each) => each.index === index);
  const indexes = ranking.map(({ index }) => index);
  const complaints: string[] = [];
  const isWhole = new Set(indexes).size === usable.length && indexes.length === usable.length;
  if (!isWhole || indexes.some((index) => one(index) === undefined)) return [`it is of ${indexes.join(' ')}`];
  if (active !== null && indexes[0] !== active.index) complaints.push(`the active one (${active.index}) is not first`);
  for (const { index, isReachable } of ranking) {
    const candidate = one(index);
    if (candidate !== undefined && selection.isReachable(candidate) !== isReachable) {
      complaints.push(`${index} is ${isReachable ? 'reachable' : 'out of reach'} in it`);
    }
  }
  const standbys = indexes.flatMap((index) => (index === active?.index ? [] : (one(index) ?? [])));
  for (const [i, a] of standbys.entries()) {
    for (const b of standbys.slice(i + 1)) {
      if ((selection.strict(b, a)?.by ?? 0) > 0)
        complaints.push(`${a.index} stands before ${b.index}, which is better`);
    }
    const next = standbys[i + 1];
    if (next !== undefined && selection.strict(next, a) === null && selection.isAhead(next, a)) {
      complaints.push(`${a.index} stands before ${next.index}, which leads`);
    }
  }
  const kept = standbys.map(({ index }) => index).toSorted((a, b) => before.indexOf(a) - before.indexOf(b));
  const isKnown = kept.every((index) => before.includes(index));
  const isGood = kept.every((index, i) => {
    const [a, b] = [one(index), one(kept[i + 1] ?? -1)];
    return a === undefined || b === undefined || !isBetter(b, a, selection);
  });
  if (isKnown && isGood && kept.some((index, i) => standbys[i]?.index !== index)) {
    complaints.push(`${standbys.map(({ index }) => index).join(' ')} was ${kept.join(' ')}, which was as good`);
  }
  return complaints;
}

function isBetter(a: Candidate, b: Candidate, selection: SelectionModel): boolean {
  const strict = selection.strict(a, b);
  return strict === null ? selection.isAhead(a, b) : strict.by > 0;
}
