/** Why an uplink is the active one, or is not: the rules of selection one by one, with both sides' figures. */
import type { Problem } from '../../model/errors.ts';
import { families } from '../../model/family.ts';
import type { Explanation, RuleComparison, SelectionRule, UplinkExplanation } from '../../model/status.ts';
import { interfaceContextOf, selectionContextOf, type NodeSnapshot } from './actor-context.selectors.ts';
import { timeUntilReuse } from '../interface/damping.decisions.ts';
import type { SelectionContext } from '../selection/selection.context.ts';
import {
  biasRule,
  fieldOf,
  isAhead,
  scoreRule,
  strictRules,
  type Contender,
  type Field,
  type Rule,
} from '../selection/selection-rules.decisions.ts';
import { asIncumbent, bestOf, duel } from '../selection/selection.decisions.ts';

/** Of one interface, or (`name` null) of the active ones. A problem when there is no such uplink. */
export function explain(snapshot: NodeSnapshot, name: string | null): Explanation | Problem {
  const uplinks = families.flatMap((family) => {
    const selection = selectionContextOf(snapshot, family);
    if (selection === null) return [];
    const asked = [...selection.contenders.values()].find((contender) =>
      name === null ? contender.index === selection.active?.index : contender.name === name,
    );
    return asked === undefined ? [] : [withTimesUntilReuse(explainOne(asked, selection), snapshot, selection)];
  });
  return name === null || uplinks.length > 0 ? { uplinks } : noSuchUplink(snapshot, name);
}

/** An uplink that is held back for flapping is told with the time for which it still is. */
function withTimesUntilReuse(
  explanation: UplinkExplanation,
  snapshot: NodeSnapshot,
  { contenders }: SelectionContext,
): UplinkExplanation {
  const untilReuse = (name: string | null): string =>
    [...contenders.values()]
      .filter((contender) => contender.isSuppressed && contender.name === name)
      .map(({ index }) => timeUntilReuseOf(snapshot, index))
      .join('');
  const { name, against } = explanation;
  const rules = explanation.rules.map((one) =>
    one.rule === 'lifecycle'
      ? { ...one, left: `${one.left}${untilReuse(name)}`, right: `${one.right}${untilReuse(against)}` }
      : one,
  );
  return { ...explanation, rules };
}

/** As of the latest event. */
function timeUntilReuseOf(snapshot: NodeSnapshot, index: number): string {
  const context = interfaceContextOf(snapshot, index);
  if (context === null) return '';
  const left = timeUntilReuse(context.damping, snapshot.context.now, context.config.selection.damping);
  return `, for ${Math.ceil(left / 1000)} s more`;
}

function noSuchUplink({ context }: NodeSnapshot, name: string): Problem {
  const ignored = [...context.ignored.values()].find((one) => one.name === name);
  return {
    code: 'usage.invalid',
    message:
      ignored === undefined ? `there is no uplink called ${name}` : `${name} is no uplink, because ${ignored.because}`,
    remedy: 'see `backhauld status` for the uplinks there are',
    subject: name,
  };
}

function explainOne(asked: Contender, selection: SelectionContext): UplinkExplanation {
  const { family, active, pinned } = selection;
  const contenders = [...selection.contenders.values()];
  const field = fieldOf(contenders, pinned);
  const holder = contenders.find(({ index }) => index === active?.index) ?? null;
  const isActive = asked === holder;
  const rest = contenders.filter((contender) => contender !== asked);
  const other = isActive ? bestOf(rest, field) : holder;
  const base = { family, name: asked.name, isActive };
  if (other === null) {
    const because = isActive ? `${asked.name} is the only uplink` : `no uplink is active; ${asked.name} has no way out`;
    return { ...base, against: null, because, rules: [] };
  }
  const [incumbent, challenger] = isActive ? [asked, other] : [other, asked];
  const { rule, because } = duel(incumbent, challenger, field, selection);
  // What holds now, not what the switch was made for: the rules beside it are asked now, too.
  return { ...base, against: other.name, because, rules: compare(asked, other, incumbent, selection, field, rule) };
}

function compare(
  left: Contender,
  right: Contender,
  holder: Contender,
  { config }: SelectionContext,
  field: Field,
  decisive: SelectionRule,
): readonly RuleComparison[] {
  const incumbentRule: Rule = {
    name: 'incumbent',
    worth: ({ index }) => Number(index === holder.index),
    says: ({ index }) => (index === holder.index ? 'is active' : 'is not active'),
  };
  const nameRule: Rule = {
    name: 'name',
    worth: (contender) => Number(contender.name === [left.name, right.name].toSorted()[0]),
    says: ({ name }) => name,
  };
  // The incumbent is judged as the decision judged it: one that only waits for its promotion counts as up.
  const judged = (contender: Contender): Contender => (contender === holder ? asIncumbent(contender) : contender);
  const [one, two] = [judged(left), judged(right)];
  const [incumbent, challenger] = left === holder ? [one, two] : [two, one];
  const isNoLead = challenger.score > incumbent.score && !isAhead(challenger, incumbent, config);
  return [...strictRules, scoreRule, incumbentRule, biasRule, nameRule].map((rule) => {
    const lead = rule === scoreRule && isNoLead ? 0 : rule.worth(one, field) - rule.worth(two, field);
    return {
      rule: rule.name,
      left: rule.says(one, field),
      right: rule.says(two, field),
      prefers: lead > 0 ? 'left' : lead < 0 ? 'right' : null,
      decides: rule.name === decisive,
    };
  });
}
