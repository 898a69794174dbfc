/** The course of one family's choice: from what is known now to what is decided next. */
import { rank } from './ranking.decisions.ts';
import type { ChoiceEvent, SelectionContext, SelectionFact, SelectionInput } from './selection.context.ts';
import { choose, trackLeads } from './selection.decisions.ts';

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
    choice: null,
    awaited: null,
    told: null,
  };
}

/** What a fact changes. */
export function takeIn(context: SelectionContext, fact: SelectionFact): Partial<SelectionContext> {
  if (fact.type === 'pin.changed') return { pinned: fact.pinned, now: fact.at };
  const contenders = new Map(context.contenders);
  if (fact.type === 'contender.lost') contenders.delete(fact.index);
  else contenders.set(fact.contender.index, fact.contender);
  return { contenders, now: fact.at };
}

/** Decides anew who is active and how the others stand. */
export function decide({
  config,
  pinned,
  now,
  active,
  leads,
  ranking,
  ...rest
}: SelectionContext): Partial<SelectionContext> {
  const contenders = [...rest.contenders.values()];
  const tracked = trackLeads(active, contenders, { config, pinned, leads, now });
  const choice = choose(active, contenders, { config, pinned, leads: tracked, now });
  const isSwitch = choice.active?.index !== active?.index;
  const next =
    isSwitch && choice.active !== null
      ? { index: choice.active.index, name: choice.active.name, rule: choice.rule, because: choice.because, since: now }
      : isSwitch
        ? null
        : active;
  return {
    choice,
    active: next,
    // Leads are over the active uplink: over another one they begin anew.
    leads: isSwitch ? [] : tracked,
    ranking: rank(ranking, contenders, next?.index ?? null, { config, pinned }),
  };
}

/** The state that a decision calls for. */
export const outcomeOf = ({ choice }: SelectionContext): ChoiceEvent => {
  if (choice === null || choice.active === null) return { type: 'choice.none' };
  if (choice.isProvisional) return { type: 'choice.provisional' };
  return { type: choice.challenge === null ? 'choice.settled' : 'choice.challenged' };
};
