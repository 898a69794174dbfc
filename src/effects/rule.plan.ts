import type { Problem } from '../model/errors.ts';
import type { Rule } from '../model/kernel.ts';
import type { DesiredRule, Operation } from '../model/network.ts';
import type { Circumstances } from './circumstances.ts';
import { addRule, deleteRule, operationKey, type OperationOf } from './operations.ts';
import { ruleIdentity } from './places.ts';
import type { RoutingView } from './observe.ts';

export interface RulePlan {
  /** By rising priority: what keeps LAN and containers working stands before what leads away from them. */
  readonly adds: readonly OperationOf<'rule.add'>[];
  /** By falling priority: unbound traffic falls through to main first, whole. */
  readonly deletes: readonly OperationOf<'rule.delete'>[];
  readonly blocked: readonly Operation[];
  readonly problems: readonly Problem[];
}

/** Whether a rule does nothing but look a table up by the selectors of a desired rule. */
const isPlain = (rule: Rule): boolean =>
  rule.action === 'lookup' &&
  rule.to === null &&
  rule.inputInterface === null &&
  rule.mark === null &&
  !rule.hasOtherSelectors;

const serviceOf = (r: Rule | DesiredRule): string =>
  `${r.family} ${r.priority} ${r.from ?? '-'} ${r.outputInterface ?? '-'} ${r.suppressPrefixLength ?? '-'}`;

export function planRules(
  wanted: ReadonlyMap<string, DesiredRule>,
  view: RoutingView,
  watchedPriorities: ReadonlySet<number>,
  circumstances: Circumstances,
): RulePlan {
  const satisfied = new Set<string>();
  const strays: Rule[] = [];
  for (const rule of view.ownRules.values()) {
    const identity = ruleIdentity(rule);
    if (isPlain(rule) && wanted.has(identity)) satisfied.add(identity);
    else strays.push(rule);
  }
  const problems: Problem[] = [];
  if (wanted.size > 0) {
    for (const rule of view.foreignRules.values()) {
      // The kernel takes no second rule that differs by its protocol alone: theirs serves.
      if (isPlain(rule) && wanted.has(ruleIdentity(rule))) satisfied.add(ruleIdentity(rule));
      if (watchedPriorities.has(rule.priority)) problems.push(priorityTaken(rule));
    }
  }

  const adds: OperationOf<'rule.add'>[] = [];
  const blocked: Operation[] = [];
  const missingServices = new Set<string>();
  if (satisfied.size < wanted.size) {
    for (const [identity, rule] of wanted) {
      if (satisfied.has(identity)) continue;
      const add = addRule(rule);
      if (circumstances.blocked.has(operationKey(add))) {
        blocked.push(add);
        missingServices.add(serviceOf(rule));
      } else adds.push(add);
    }
  }
  const deletes = strays
    .filter((rule) => !missingServices.has(serviceOf(rule)))
    .map((rule) => deleteRule(rule, 'nobody wants this rule any more'));
  return {
    adds: adds.toSorted((a, b) => a.rule.priority - b.rule.priority),
    deletes: deletes.toSorted((a, b) => b.rule.priority - a.rule.priority || (a.target < b.target ? -1 : 1)),
    blocked,
    problems,
  };
}

const priorityTaken = (rule: Rule): Problem => ({
  code: 'routing.priorityTaken',
  subject: `rule ${rule.family} ${rule.priority}`,
  message: `Someone else has a rule at priority ${rule.priority} (${rule.family}), where backhauld has its own`,
  remedy: 'set routing.interfaceTablePriority to a range nobody uses',
});
