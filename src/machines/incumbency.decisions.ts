/** The course of one family's choice: from what is known now to what is decided next. */
import { rank } from './ranking.decisions.ts';
import type { Contender } from './selection-rules.decisions.ts';
import type { ChoiceEvent, SelectionContext, SelectionFact, SelectionInput } from './selection.context.ts';
import { choose, trackLeads } from './selection.decisions.ts';
import { withHandover } from './setback.decisions.ts';

export function initialContext({
  family,
  config,
  contenders,
  pinned,
  incumbent,
  at,
}: SelectionInput): SelectionContext {
  const adopted = contenders.find(({ index, isUsable }) => index === incumbent && isUsable);
  return {
    family,
    config,
    contenders: new Map(contenders.map((contender) => [contender.index, contender])),
    pinned,
    now: at,
    active:
      adopted === undefined
        ? null
        : {
            index: adopted.index,
            name: adopted.name,
            rule: 'incumbent',
            because: `${adopted.name} carried the traffic already`,
            since: at,
          },
    ranking: [],
    leads: [],
    promised: null,
    setbacks: [],
    choice: null,
    awaited: null,
    told: null,
  };
}

/** What a fact changes. */
export function takeIn(context: SelectionContext, fact: SelectionFact): Partial<SelectionContext> {
  if (fact.type === 'pin.changed') return { pinned: fact.pinned, now: fact.at };
  const contenders = new Map(context.contenders);
  if (fact.type === 'contender.changed') {
    contenders.set(fact.contender.index, fact.contender);
    return { contenders, now: fact.at };
  }
  contenders.delete(fact.index);
  // An index is given to another interface some day.
  return { contenders, setbacks: context.setbacks.filter(({ index }) => index !== fact.index), now: fact.at };
}

/** Decides anew who is active and how the others stand. */
export function decide({
  config,
  pinned,
  now,
  active,
  leads,
  promised,
  setbacks,
  ranking,
  ...rest
}: SelectionContext): Partial<SelectionContext> {
  const contenders = [...rest.contenders.values()];
  const tracked = trackLeads(active, contenders, { config, pinned, leads, now });
  const choice = choose(active, contenders, { config, pinned, leads: tracked, setbacks, now });
  const left = contenders.find(({ index }) => index === active?.index);
  const isSwitch = choice.active?.index !== active?.index;
  const next =
    isSwitch && choice.active !== null
      ? { index: choice.active.index, name: choice.active.name, rule: choice.rule, because: choice.because, since: now }
      : isSwitch
        ? null
        : active;
  const nextSetbacks =
    isSwitch && choice.rule === 'score' && left !== undefined && choice.active !== null
      ? withHandover(setbacks, { left, taken: choice.active, promised }, now, config)
      : setbacks;
  // Leads are over the active uplink: over another one they begin anew.
  const nextLeads = isSwitch ? trackLeads(next, contenders, { config, pinned, leads: [], now }) : tracked;
  const terms = { config, pinned, leads: nextLeads, setbacks: nextSetbacks, now };
  return {
    choice: isSwitch ? { ...choice, challenge: choose(next, contenders, terms).challenge } : choice,
    active: next,
    promised: isSwitch ? promiseOf(choice.active) : promised,
    setbacks: nextSetbacks,
    leads: nextLeads,
    ranking: rank(ranking, contenders, next?.index ?? null, { config, pinned }),
  };
}

/** What an uplink says of itself while it is not in use. Without a verdict it says nothing. */
const promiseOf = (taken: Contender | null): number | null =>
  taken === null || taken.verdict === 'unknown' ? null : taken.score;

/** The state that a decision calls for. */
export const outcomeOf = ({ choice }: SelectionContext): ChoiceEvent => {
  if (choice === null || choice.active === null) return { type: 'choice.none' };
  if (choice.isProvisional) return { type: 'choice.provisional' };
  return { type: choice.challenge === null ? 'choice.settled' : 'choice.challenged' };
};
