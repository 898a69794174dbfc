/**
 * The rules by which one uplink stands before another, in the order they are asked (SEL-1). The first rule in which
 * two uplinks differ decides between them, and gives the decision its name.
 */
import type { SelectionConfig } from '../../model/config.ts';
import type { Verdict } from '../../model/probe.ts';
import type { LifecycleState, SelectionRule } from '../../model/status.ts';

/** One uplink in one family, as far as the choice is concerned. */
export interface Contender {
  readonly index: number;
  readonly name: string;
  /** A candidate, not blocked by a policy, with a way to a default route for the family. */
  readonly isUsable: boolean;
  /** Why it may not be used though it has a way out. */
  readonly withheldBecause?: string;
  readonly verdict: Verdict;
  readonly isEmergencyOnly: boolean;
  readonly lifecycle: LifecycleState;
  /** It is not up yet, and only counts as up. */
  readonly isPromised?: boolean;
  /** Held back for flapping: counts as down. */
  readonly isSuppressed: boolean;
  /** Untruncated. */
  readonly score: number;
  /** What the score would be had one lost sample been answered. */
  readonly scoreLessOneLoss: number;
  readonly bias: number;
  /** Finished rounds on the path in use. */
  readonly rounds: number;
  /** Lost samples in the window. */
  readonly lostSamples: number;
}

/** What is true of all contenders together. */
export interface Field {
  readonly pinned: string | null;
  /** No usable uplink has a verdict yet: then an unknown one is as good as reachable. */
  readonly isUnprobed: boolean;
}

export interface Rule {
  readonly name: SelectionRule;
  /** The higher stands first. */
  worth(contender: Contender, field: Field): number;
  /** The contender's own side of it, to be read after its name. */
  says(contender: Contender, field: Field): string;
}

export const fieldOf = (contenders: Iterable<Contender>, pinned: string | null): Field => {
  for (const { isUsable, verdict } of contenders) {
    if (isUsable && verdict !== 'unknown') return { pinned, isUnprobed: false };
  }
  return { pinned, isUnprobed: true };
};

export const isReachable = ({ isUsable, verdict }: Contender, { isUnprobed }: Field): boolean =>
  isUsable && (verdict === 'unknown' ? isUnprobed : verdict !== 'failed');

const lifecycleWorth: Readonly<Record<LifecycleState, number>> = { up: 3, degraded: 2, probing: 1, down: 0 };

/** The rules that count at once, also against the incumbent. */
export const strictRules: readonly Rule[] = [
  {
    name: 'usable',
    worth: ({ isUsable }) => Number(isUsable),
    says: ({ isUsable, withheldBecause }) =>
      isUsable
        ? 'has a way out'
        : withheldBecause === undefined
          ? 'has no way out'
          : `may not be used: ${withheldBecause}`,
  },
  {
    name: 'reachable',
    worth: (contender, field) => Number(isReachable(contender, field)),
    says: (contender, field) =>
      `is ${isReachable(contender, field) ? 'reachable' : 'not reachable'} (verdict ${contender.verdict})`,
  },
  {
    name: 'pinned',
    worth: ({ name }, { pinned }) => Number(name === pinned),
    says: ({ name }, { pinned }) => (name === pinned ? 'is pinned' : 'is not pinned'),
  },
  {
    name: 'cost',
    worth: ({ isEmergencyOnly }) => Number(!isEmergencyOnly),
    says: ({ isEmergencyOnly }) => (isEmergencyOnly ? 'is for emergencies only' : 'may be used at any time'),
  },
  {
    name: 'lifecycle',
    worth: ({ lifecycle, isSuppressed }) => (isSuppressed ? lifecycleWorth.down : lifecycleWorth[lifecycle]),
    says: ({ lifecycle, isSuppressed, isPromised }) =>
      isSuppressed ? 'is suppressed for flapping' : `${isPromised === true ? 'counts as' : 'is'} ${lifecycle}`,
  },
];

export const scoreRule: Rule = {
  name: 'score',
  worth: ({ score }) => score,
  says: ({ score }) => `scores ${Math.trunc(score)}`,
};

export const biasRule: Rule = {
  name: 'bias',
  worth: ({ bias }) => bias,
  says: ({ bias }) => `has the bias ${bias}`,
};

/** The order among challengers. Names settle what is left, so that it is total. */
export const challengerRules: readonly Rule[] = [...strictRules, scoreRule, biasRule];

/** The first of these rules in which the two differ, and who is ahead; null when they are alike in all. */
export function firstDifference(
  rules: readonly Rule[],
  a: Contender,
  b: Contender,
  field: Field,
): { readonly rule: Rule; readonly better: Contender; readonly worse: Contender } | null {
  for (const rule of rules) {
    const lead = rule.worth(a, field) - rule.worth(b, field);
    if (lead !== 0) return lead > 0 ? { rule, better: a, worse: b } : { rule, better: b, worse: a };
  }
  return null;
}

/** Orders challengers, best first: a total order, for names are unique. */
export function compareChallengers(a: Contender, b: Contender, field: Field): number {
  const difference = firstDifference(challengerRules, a, b, field);
  if (difference !== null) return difference.better === a ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.index - b.index;
}

/**
 * Whether a lead is one at all: by more than the margin, or by anything when the bias is on the challenger's side.
 *
 * The incumbent is forgiven one lost sample. In a window of 20 a single one weighs 125 points, more than twice the margin,
 * and stays for up to 50 s: a link that loses 1 % would be left, and returned to, every half hour. Two are a trend, as
 * they are for the verdict.
 */
export const isAhead = (challenger: Contender, holder: Contender, { switchMargin }: SelectionConfig): boolean => {
  const lead = challenger.score - holder.scoreLessOneLoss;
  return lead > switchMargin || (lead > 0 && challenger.bias > holder.bias);
};

/** A decision between two, as one sentence with the figures of both. */
export function sentence(rule: Rule, better: Contender, worse: Contender, field: Field): string {
  const scores =
    rule.name === 'score' ? '' : `; their scores are ${Math.trunc(better.score)} and ${Math.trunc(worse.score)}`;
  return `${better.name} ${rule.says(better, field)}, ${worse.name} ${rule.says(worse, field)}${scores}`;
}
