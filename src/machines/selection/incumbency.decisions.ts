/** The course of one family's choice: from what is known now to what is decided next. */
import { rank } from './ranking.decisions.ts';
import type { Contender } from './selection-rules.decisions.ts';
import type { ChoiceEvent, SelectionContext, SelectionFact, SelectionInput } from './selection.context.ts';
import { choose, trackLeads, type Choice } from './selection.decisions.ts';
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
export function decide(context: SelectionContext): Partial<SelectionContext> {
  const { active, config, pinned, ranking } = context;
  const contenders = [...context.contenders.values()];
  const leads = trackLeads(active, contenders, context);
  const choice = choose(active, contenders, { ...context, leads });
  const isSwitch = choice.active?.index !== active?.index;
  return {
    choice,
    leads,
    ranking: rank(ranking, contenders, choice.active?.index ?? null, { config, pinned }),
    ...(isSwitch && handOver(context, choice)),
  };
}

/** What is different when another uplink is taken. */
function handOver(context: SelectionContext, choice: Choice): Partial<SelectionContext> {
  const { active: taken, rule, because } = choice;
  if (taken === null) return { active: null, promised: null };
  const { config, now, promised } = context;
  const contenders = [...context.contenders.values()];
  const left = contenders.find(({ index }) => index === context.active?.index);
  const active = { index: taken.index, name: taken.name, rule, because, since: now };
  const setbacks =
    rule === 'score' && left !== undefined
      ? withHandover(context.setbacks, { left, taken, promised }, now, config)
      : context.setbacks;
  // Leads are over the active uplink: over another one they begin anew.
  const leads = trackLeads(active, contenders, { ...context, leads: [] });
  const { challenge } = choose(active, contenders, { ...context, leads });
  return { choice: { ...choice, challenge }, active, promised: promiseOf(taken), setbacks, leads };
}

/** What an uplink says of itself while it is not in use. Without a verdict it says nothing. */
const promiseOf = ({ verdict, score }: Contender): number | null => (verdict === 'unknown' ? null : score);

/** The state that a decision calls for. */
export const outcomeOf = ({ choice }: SelectionContext): ChoiceEvent => {
  if (choice === null || choice.active === null) return { type: 'choice.none' };
  if (choice.isProvisional) return { type: 'choice.provisional' };
  return { type: choice.challenge === null ? 'choice.settled' : 'choice.challenged' };
};
