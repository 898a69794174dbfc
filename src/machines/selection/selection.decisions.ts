/**
 * Which uplink of a family carries the traffic (SEL-1 to SEL-4).
 *
 * Between challengers the rules of `selection-rules.decisions.ts` decide. Against the incumbent a worse standing counts
 * at once, a mere lead in score only when it has held: quick to leave, slow to return, and slower each time to what did
 * not stand the traffic.
 */
import type { SelectionConfig } from '../../model/config.ts';
import type { SelectionRule } from '../../model/status.ts';
import { elapsed, type Instant, type Milliseconds } from '../../model/units.ts';
import {
  challengerRules,
  compareChallengers,
  fieldOf,
  firstDifference,
  isAhead,
  isReachable,
  scoreRule,
  sentence,
  strictRules,
  type Contender,
  type Field,
} from './selection-rules.decisions.ts';
import { heldAt, holdAfter, setbacksOf, type Setback } from './setback.decisions.ts';

/** The uplink in use. It may be gone already. */
export interface Incumbent {
  readonly index: number;
  readonly name: string;
}

/** Since when a challenger has been ahead of the incumbent in score, all else being equal. */
export interface Lead {
  readonly index: number;
  readonly since: Instant;
  /** The challenger's finished rounds at that time. */
  readonly rounds: number;
}

/** A lead that has to hold for a while before it counts. */
export interface Challenge {
  readonly index: number;
  readonly name: string;
  readonly since: Instant;
  readonly dueAt: Instant;
  /** Rounds of the challenger still to come. */
  readonly roundsLeft: number;
}

export interface Choice {
  readonly active: Contender | null;
  readonly rule: SelectionRule;
  /** One sentence with the figures of both sides. */
  readonly because: string;
  readonly challenge: Challenge | null;
  /** The incumbent has no verdict yet, and is not left before it has one. */
  readonly isProvisional: boolean;
}

export interface Terms {
  readonly config: SelectionConfig;
  readonly pinned: string | null;
  readonly leads: readonly Lead[];
  readonly setbacks: readonly Setback[];
  readonly now: Instant;
}

export function choose(incumbent: Incumbent | null, contenders: readonly Contender[], terms: Terms): Choice {
  const field = fieldOf(contenders, terms.pinned);
  const holder = contenders.find(({ index }) => index === incumbent?.index);
  const others = contenders.filter((contender) => contender.isUsable && contender !== holder);
  const best = bestOf(others, field);
  if (holder?.isUsable === true) {
    return best === null
      ? use(holder, 'only', `${holder.name} is the only way out`)
      : duel(holder, challengerOf(holder, best, others, field, terms), field, terms);
  }
  if (best === null) return { ...nobody, because: 'no uplink has a way out' };
  if (incumbent !== null) {
    const { withheldBecause } = holder ?? {};
    const why = withheldBecause === undefined ? 'has lost its way out' : `may not be used any more: ${withheldBecause}`;
    const loss = holder === undefined ? 'is gone' : why;
    const has = withheldBecause === undefined ? 'has one' : 'has a way out';
    return use(best, 'usable', `${incumbent.name} ${loss}; ${best.name} ${has} and scores ${Math.trunc(best.score)}`);
  }
  const second = bestOf(
    contenders.filter((contender) => contender !== best),
    field,
  );
  if (second === null) return use(best, 'only', `${best.name} is the only way out`);
  const difference = firstDifference(challengerRules, best, second, field);
  return difference === null
    ? use(best, 'name', `${best.name} and ${second.name} are alike, and it comes first by name`)
    : use(best, difference.rule.name, sentence(difference.rule, best, second, field));
}

/**
 * The best of the others; but one that has to lead for long because of its setbacks does not keep out another one that
 * leads as well, and need not lead for as long.
 */
function challengerOf(
  holder: Contender,
  best: Contender,
  others: readonly Contender[],
  field: Field,
  terms: Terms,
): Contender {
  const dueAtOf = ({ index }: Contender): number => {
    const lead = terms.leads.find((one) => one.index === index);
    return lead === undefined ? Number.POSITIVE_INFINITY : heldAt(lead, terms.setbacks, terms.config);
  };
  const dueAt = dueAtOf(best);
  const hasToWait = dueAt > terms.now && dueAt < Number.POSITIVE_INFINITY;
  // Without a lead it is no matter of score: it is pinned, say, and waits for nothing.
  if (!hasToWait || setbacksThatHold(best, terms) === 0 || isUrgent(best, holder, terms.config)) return best;
  const sooner = others.filter((other) => dueAtOf(other) < dueAt);
  const next = bestOf(sooner, field);
  return next === null ? best : challengerOf(holder, next, sooner, field, terms);
}

/** The decision between the uplink in use, which has a way out, and one challenger. */
export function duel(holder: Contender, best: Contender, field: Field, terms: Terms): Choice {
  // An operator who pins another one does not wait for a verdict.
  const isWanted = best.name === field.pinned && isReachable(best, field);
  if (holder.verdict === 'unknown' && !isWanted) {
    return use(holder, 'incumbent', `${holder.name} has no verdict yet`);
  }
  if (!isReachable(holder, field) && !isReachable(best, field)) {
    return use(holder, 'incumbent', `${holder.name} is not reachable, nor is any other`);
  }
  const strict = firstDifference(strictRules, asIncumbent(holder), best, field);
  if (strict !== null) {
    const because = sentence(strict.rule, strict.better, strict.worse, field);
    return strict.better === best ? use(best, strict.rule.name, because) : use(holder, strict.rule.name, because);
  }
  const figures = sentence(scoreRule, best, holder, field);
  if (isUrgent(best, holder, terms.config)) {
    return use(best, 'score', `${figures} with ${holder.lostSamples} samples lost`);
  }
  const lead = terms.leads.find(({ index }) => index === best.index);
  if (lead === undefined) {
    const rule = holder.score > best.score ? 'score' : 'incumbent';
    return use(holder, rule, sentence(scoreRule, holder, best, field));
  }
  const challenge = challengeOf(best, lead, terms);
  const setbacks = setbacksThatHold(best, terms);
  const reason = setbacks === 0 ? '' : `: it was left by score ${setbacks} times lately`;
  if (elapsed(terms.now, challenge.dueAt) <= 0 && challenge.roundsLeft === 0) {
    return use(best, 'score', `${figures}, for ${inSeconds(elapsed(lead.since, terms.now))}${reason}`);
  }
  const wait = setbacks === 0 ? 'long enough' : inSeconds(elapsed(lead.since, challenge.dueAt));
  return { ...use(holder, 'incumbent', `${figures}, but not for ${wait} yet${reason}`), challenge };
}

/**
 * The incumbent as it stands against a challenger. A healthy one that only waits for its promotion counts as up: it
 * would otherwise be left at start for whichever uplink was found a moment earlier, and be returned to a moment later.
 */
export const asIncumbent = (holder: Contender): Contender =>
  holder.verdict === 'healthy' && (holder.lifecycle === 'degraded' || holder.lifecycle === 'probing')
    ? { ...holder, lifecycle: 'up', isPromised: true }
    : holder;

const isUrgent = (challenger: Contender, holder: Contender, config: SelectionConfig): boolean =>
  challenger.score - holder.score > config.urgentMargin && holder.lostSamples >= config.urgentLosses;

/** The leads there are now. One that was there before goes on; one that was interrupted starts anew. */
export function trackLeads(
  incumbent: Incumbent | null,
  contenders: readonly Contender[],
  terms: Omit<Terms, 'setbacks'>,
): readonly Lead[] {
  const holder = contenders.find(({ index }) => index === incumbent?.index);
  if (holder === undefined) return [];
  const field = fieldOf(contenders, terms.pinned);
  const leading = contenders.filter(
    (contender) =>
      contender !== holder &&
      isAhead(contender, holder, terms.config) &&
      firstDifference(strictRules, asIncumbent(holder), contender, field) === null,
  );
  return leading.map(
    ({ index, rounds }) =>
      terms.leads.find((lead) => lead.index === index && lead.rounds <= rounds) ?? { index, since: terms.now, rounds },
  );
}

/** The setbacks for which an uplink has to lead for longer than others; 0 for none. */
function setbacksThatHold({ index }: Contender, { config, now, ...terms }: Terms): number {
  const setbacks = setbacksOf(index, terms.setbacks, now);
  return holdAfter(setbacks, config) > config.switchAfter ? setbacks : 0;
}

const inSeconds = (duration: Milliseconds): string => `${Math.round(duration / 1000)} s`;

const challengeOf = ({ index, name, rounds }: Contender, lead: Lead, { config, setbacks }: Terms): Challenge => ({
  index,
  name,
  since: lead.since,
  dueAt: heldAt(lead, setbacks, config),
  roundsLeft: Math.max(0, config.switchRounds - (rounds - lead.rounds)),
});

/** The first of the challengers; null when there is none. */
export const bestOf = (contenders: readonly Contender[], field: Field): Contender | null =>
  contenders.reduce<Contender | null>(
    (best, contender) => (best === null || compareChallengers(contender, best, field) < 0 ? contender : best),
    null,
  );

const nobody: Choice = { active: null, rule: 'usable', because: '', challenge: null, isProvisional: false };
const use = (active: Contender, rule: SelectionRule, because: string): Choice => ({
  ...nobody,
  active,
  rule,
  because,
  isProvisional: active.verdict === 'unknown',
});
